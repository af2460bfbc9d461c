import type { ConflictPolicy, FieldDirection } from '../../../shared/leads/fields'
import { createRandom } from './random'
import { core, type FieldKind, type FieldRule, type ObjectType, type StageRules } from './core'

/** How one history is set up: what an admin would have chosen, and how HubSpot behaves. */
export interface Settings {
  rules: Record<ObjectType, FieldRule[]>
  /** Reading a merged contact by its old id answers with the surviving one */
  areMergesResolved: boolean
  /** HubSpot hands out e-mail addresses and telephone numbers in a form of its own */
  isReformatting: boolean
  /** The last rule of the contacts, where the history has a field of several choices */
  choices: FieldRule | null
  /** The scope is narrowed and widened in the middle of the history */
  isScoped: boolean
}

/** Far from UTC, with changes of the clocks. */
const zone = 'Pacific/Auckland'
export const pipelineId = 'sales'
/** HubSpot's stages, and ours for each; the last one has no mapping. */
export const stageIds = ['s1', 's2', 's3', 'sx'] as const
const ourStages = { s1: 'new', s2: 'qualified', s3: 'won' } as const
export const mappedStages = ['new', 'qualified', 'won'] as const
export const stages: StageRules = core.createStageRules(
  Object.entries(ourStages).map(([stage_id, stage]) => ({
    pipeline_id: pipelineId,
    stage_id,
    stage,
    write_back: true,
    label: null,
    paused: false,
  })),
)
export const firstStage = { pipelineId, stageId: stageIds[0] }

/** @returns our stage for HubSpot's, worked out without the production code; `null` for none */
export function stageOf(stageId: string | null): string | null {
  return stageId !== null && stageId in ourStages
    ? ourStages[stageId as keyof typeof ourStages]
    : null
}

type FieldRow = [field: string, property: string, kind: FieldKind]
const leadFields: FieldRow[] = [
  ['phone', 'phone', 'phone'],
  ['lifecycleStage', 'lifecyclestage', 'choice'],
  // Fields that an admin added
  ['renewal', 'renewal', 'instant'],
  ['segment', 'segment', 'option'],
]
/** The other types that an admin can add, on leads and deals, in one history of so many */
const ownFields: FieldRow[] = [
  ['note', 'note', 'text'],
  ['score', 'score', 'amount'],
  ['visit', 'visit', 'day'],
  ['vip', 'vip', 'boolean'],
]
const ownEvery = 4
const dealFields: FieldRow[] = [
  ['amount', 'amount', 'amount'],
  ['currency', 'deal_currency_code', 'currency'],
  ['closeDate', 'closedate', 'day'],
]
/** What a field of several choices offers */
export const choices = ['red', 'green', 'blue', 'grey'] as const
const policies: ConflictPolicy[] = ['hubspot_wins', 'local_wins', 'latest_wins']
const directions: FieldDirection[] = ['both', 'both', 'both', 'both', 'in', 'out']
/** HubSpot asks for a deal's name, and what is made there is found again by its name. */
const outward: FieldDirection[] = ['both', 'both', 'both', 'out']
/** One history in so many has each of: several choices, "only fill if empty", a scope that changes */
const furtherEvery = 8

export function settingsOf(seed: number): Settings {
  const random = createRandom(seed ^ 0x5e77)
  const rule = ([field, property, kind]: FieldRow, ways = directions): FieldRule => ({
    field,
    property,
    kind,
    type: kind !== 'day' ? 'string' : field === 'visit' ? 'date' : 'datetime',
    zone,
    direction: ways[random() % ways.length] ?? 'both',
    policy: policies[random() % policies.length] ?? 'hubspot_wins',
  })
  const pick = <T>(all: readonly T[]): T => all[random() % all.length] as T
  const isOwn = seed % ownEvery === 0
  return withFurther(seed, {
    choices: null,
    isScoped: false,
    rules: {
      contacts: [
        rule(['email', 'email', 'email']),
        rule(['firstName', 'firstname', 'text'], outward),
        ...(random() % 2 === 0 ? [rule(pick(isOwn ? ownFields : leadFields))] : []),
      ],
      deals: [
        rule(['name', 'dealname', 'text'], outward),
        rule(pick(isOwn ? ownFields : dealFields)),
      ],
    },
    areMergesResolved: random() % 2 === 0,
    isReformatting: random() % 3 === 0,
  })
}

/** What of the further settings a history has, drawn from numbers of their own. */
export function furtherOf(seed: number) {
  const random = createRandom(seed ^ 0xf00f)
  const comesUp = () => random() % furtherEvery === 0
  return { hasChoices: comesUp(), isFilling: comesUp(), isScoped: comesUp(), random }
}

/** All other histories stay what they were without these. */
function withFurther(seed: number, settings: Settings): Settings {
  const { hasChoices, isFilling, isScoped, random } = furtherOf(seed)
  const { contacts, deals } = settings.rules
  const all = [...contacts, ...deals]
  const filled = isFilling ? all[random() % all.length] : undefined
  if (filled) filled.policy = 'fill_if_empty'
  if (!hasChoices) return { ...settings, isScoped }
  const choices: FieldRule = {
    field: 'interests',
    property: 'interests',
    kind: 'options',
    type: 'string',
    zone,
    direction: 'both',
    policy: policies[random() % policies.length] ?? 'hubspot_wins',
  }
  contacts.push(choices)
  return { ...settings, isScoped, choices }
}

const dayFormat = new Intl.DateTimeFormat('sv-SE', { timeZone: zone })
const knownDays = new Map<string, string>()

/** The day of an instant in the account's zone. Histories have few instants, and ask often. */
function dayIn(instant: string): string {
  const known = knownDays.get(instant)
  if (known !== undefined) return known
  const day = dayFormat.format(new Date(instant))
  knownDays.set(instant, day)
  return day
}

/** What a text means, worked out without the production code: equal meanings are no difference. */
export function meaning(kind: FieldKind, text: string | null | undefined): string | null {
  if (text === null || text === undefined || text === '') return null
  switch (kind) {
    case 'email':
    case 'choice':
    case 'currency':
      return text.toLowerCase()
    case 'amount':
      return String(Number(text))
    case 'phone':
      return text.replace(/[ ()-]/g, '')
    case 'day':
      return text.includes('T') ? dayIn(text) : text
    case 'instant':
      return String(new Date(text).getTime())
    case 'options':
      return text.split(';').sort().join(';')
    case 'text':
    case 'boolean':
    case 'option':
      return text
  }
}

/** A value nobody has used yet, as a person here would enter it. @param number counts up */
export function freshValue(kind: FieldKind, number: number): string {
  switch (kind) {
    case 'email':
      return `p${number}@x.test`
    case 'choice':
      return `choice${number}`
    case 'currency':
      return `C${String.fromCharCode(65 + ((number / 26) % 26), 65 + (number % 26))}`
    case 'amount':
      return `${100 + number}.50`
    case 'phone':
      return `+1555${1000 + number}`
    case 'day':
      return new Date(1_700_000_000_000 + number * 86_400_000).toISOString().slice(0, 10)
    case 'instant':
      return new Date(1_700_000_000_000 + number * 60_000).toISOString()
    case 'boolean':
      return number % 2 === 0 ? 'true' : 'false'
    case 'option':
      return `Option ${number}`
    case 'options':
      return choices.filter((_, bit) => ((1 + (number % 15)) >>> bit) & 1).join(';')
    case 'text':
      return `name${number}`
  }
}

/** The same value in the form in which HubSpot hands it out. */
export function reformatted(kind: FieldKind, text: string): string {
  switch (kind) {
    case 'email':
      return text.charAt(0).toUpperCase() + text.slice(1)
    case 'phone':
      return `${text.slice(0, 2)} (${text.slice(2, 5)}) ${text.slice(5)}`
    case 'amount':
      return text.replace(/0$/, '')
    case 'currency':
      return text.toLowerCase()
    case 'instant':
      return text.replace('.000Z', 'Z')
    case 'options':
      return text.split(';').reverse().join(';')
    case 'choice':
    case 'day':
    case 'text':
    case 'boolean':
    case 'option':
      return text
  }
}
