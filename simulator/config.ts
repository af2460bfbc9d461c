import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import { standardTypes, type ObjectType } from './data/object-types'
import { defineProperty } from './data/properties'
import { definePipelines } from './data/pipelines'
import type { PortalDescription } from './data/portals'
import { defaultSettings, type AppConfiguration, type SimulatorOptions } from './settings'

const Property = z.strictObject({
  name: z.string().regex(/^[a-z0-9_]+$/),
  label: z.string().optional(),
  type: z.enum(['string', 'number', 'date', 'datetime', 'enumeration', 'bool', 'phone_number']),
  options: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])).optional(),
  unique: z.boolean().optional(),
})
const Stage = z.strictObject({
  id: z.string(),
  label: z.string().optional(),
  probability: z.number().min(0).max(1),
  closed: z.boolean().optional(),
})
const Pipeline = z.strictObject({
  id: z.string(),
  label: z.string().optional(),
  stages: z.array(Stage).min(1),
})
const Portal = z.strictObject({
  id: z.int().min(1).max(2_147_483_647),
  name: z.string(),
  domain: z.string().default('example.com'),
  accountType: z.enum(['STANDARD', 'SANDBOX', 'DEVELOPER_TEST']).default('STANDARD'),
  hublet: z.enum(['na1', 'eu1']).default('na1'),
  timeZone: z
    .string()
    .refine(zone => isTimeZone(zone), 'no time zone of the IANA list')
    .default('US/Eastern'),
  currency: z.string().length(3).default('USD'),
  additionalCurrencies: z.array(z.string().length(3)).default([]),
  contacts: z.int().min(0).default(0),
  deals: z.int().min(0).default(0),
  companies: z.int().min(0).optional(),
  user: z
    .strictObject({ id: z.int(), email: z.email() })
    .default({ id: 9_586_504, email: 'admin@example.com' }),
  pipelines: z.array(Pipeline).min(1).optional(),
  properties: z.partialRecord(z.enum(standardTypes), z.array(Property)).optional(),
  limits: z
    .strictObject({
      requestsPerTenSeconds: z.int().min(1).optional(),
      searchesPerSecond: z.int().min(1).optional(),
    })
    .optional(),
})
const names = z.array(z.string())
const App = z
  .strictObject({
    appId: z.int(),
    name: z.string(),
    clientId: z.string(),
    clientSecret: z.string(),
    developerApiKey: z.string(),
    redirectUrls: names.min(1),
    requiredScopes: names,
    optionalScopes: names,
    conditionallyRequiredScopes: names,
    installUrl: z.string().nullable(),
  })
  .partial()
const Config = z.strictObject({
  port: z.int().optional(),
  seed: z.int().optional(),
  webhookUrl: z.string().nullable().optional(),
  subscriptions: z.string().optional(),
  app: App.optional(),
  settings: z.record(z.string(), z.unknown()).optional(),
  portals: z.array(Portal).min(1).optional(),
})

function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone })
    return true
  } catch {
    return false
  }
}

export type SimulatorConfig = Omit<SimulatorOptions, 'portals'> & {
  portals?: PortalDescription[]
  app?: Partial<AppConfiguration>
}

/**
 * The simulator's options from YAML (or JSON) text; simulator/README.md has an example.
 * @throws {Error} with one line for each problem, each with its place
 */
export function parseConfig(text: string): SimulatorConfig {
  const parsed = Config.safeParse(parse(text) ?? {})
  if (!parsed.success)
    throw new Error(
      parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'),
    )
  const { subscriptions, settings = {}, portals, ...rest } = parsed.data
  const unknown = Object.keys(settings).filter(name => !(name in defaultSettings))
  if (unknown.length > 0) throw new Error(`settings: unknown: ${unknown.join(', ')}`)
  const ids = (portals ?? []).map(({ id }) => id)
  if (new Set(ids).size < ids.length) throw new Error('portals: two of them have the same id')
  return {
    ...rest,
    settings,
    ...(subscriptions === undefined ? {} : { subscriptionsFile: subscriptions }),
    ...(portals === undefined ? {} : { portals: portals.map(portalOf) }),
  }
}

export const readConfig = (file: string): SimulatorConfig => parseConfig(readFileSync(file, 'utf8'))

function portalOf({
  pipelines,
  properties,
  ...description
}: z.output<typeof Portal>): PortalDescription {
  const define = (object: ObjectType) =>
    (properties?.[object] ?? []).map(({ name, label, type, options, unique }) =>
      defineProperty(object, name, label ?? name, type, {
        custom: true,
        unique,
        options: options?.map(option =>
          typeof option === 'string' ? ([option, option] as const) : option,
        ),
      }),
    )
  return {
    ...description,
    ...(pipelines === undefined ? {} : { pipelines: definePipelines(pipelines) }),
    ...(properties === undefined
      ? {}
      : { properties: Object.fromEntries(standardTypes.map(type => [type, define(type)])) }),
  }
}
