import { ObjectId } from 'mongodb'
import type { FieldMappingEntry, StageMappingEntry } from '#shared/contracts/mapping'
import type { MappingVersion, MappingVersions } from '#shared/contracts/mapping-versions'
import { texts } from '#shared/texts/en'
import type { Clock } from '../config/clock'
import type { Actor } from '../database/audit'
import type { Collections } from '../database/collections'
import type { MappingVersionDocument } from '../database/documents'
import { NotFound } from '../errors'
import { createVersionsRepository } from './versions-repository'

const mappingKinds = ['fields', 'stages'] as const

type Snapshot = Pick<MappingVersionDocument, 'kind' | 'entries'>
type Entry = Snapshot['entries'][number]

/** What people call a field or a stage, by `<object>:<field>` or `<pipeline id>:<stage id>`. */
export type EntryNames = ReadonlyMap<string, string>

/** Each stored mapping is kept as a version: who changed what and when. */
export function createVersions({
  collections,
  clock,
}: {
  collections: Pick<Collections, 'mappingVersions'>
  clock: Clock
}) {
  const repository = createVersionsRepository(collections)

  /** The ids of the versions that apply. */
  async function current(partnerId: ObjectId): Promise<ReadonlySet<string>> {
    const newest = await Promise.all(mappingKinds.map(kind => repository.newest(partnerId, kind)))
    return new Set(newest.flatMap(version => (version ? [version._id.toHexString()] : [])))
  }

  return {
    /** Keeps a mapping that was stored, unless nothing changed. @param before the one it replaces */
    async keep(
      partnerId: ObjectId,
      { kind, entries, names }: Snapshot & { names?: EntryNames },
      before: readonly Entry[],
      { user_id, email }: Pick<Actor, 'user_id' | 'email'>,
    ): Promise<void> {
      const changes = differences(before, entries, names)
      if (changes.length === 0) return
      const at = clock()
      // What stood before the first change can be gone back to as well.
      if (!(await repository.newest(partnerId, kind)))
        await repository.add({
          partner_id: partnerId,
          kind,
          entries: [...before],
          changes: [],
          by: null,
          at,
        })
      const by = user_id && email ? { user_id, email } : null
      await repository.add({ partner_id: partnerId, kind, entries, changes, by, at })
    },

    async list(partnerId: ObjectId): Promise<MappingVersions> {
      const [all, newest] = await Promise.all([repository.latest(partnerId), current(partnerId)])
      return {
        items: all.map(version => present(version, newest)),
        nextCursor: null,
        total: all.length,
      }
    },

    /** @throws {NotFound} no such version of this partner */
    async find(
      partnerId: ObjectId,
      id: string,
    ): Promise<{ stored: MappingVersionDocument; version: MappingVersion }> {
      const stored = await repository.find(partnerId, new ObjectId(id))
      if (!stored) throw new NotFound('This version')
      return { stored, version: present(stored, await current(partnerId)) }
    },
  }
}
export type Versions = ReturnType<typeof createVersions>

function present(
  { _id, kind, at, by, changes }: MappingVersionDocument,
  newest: ReadonlySet<string>,
): MappingVersion {
  return {
    id: _id.toHexString(),
    kind,
    at: at.toISOString(),
    by: by && { id: by.user_id.toHexString(), email: by.email },
    changes,
    current: newest.has(_id.toHexString()),
  }
}

const directions: Record<FieldMappingEntry['direction'], string> = {
  in: 'only from HubSpot',
  out: 'only to HubSpot',
  both: 'both ways',
}

const isField = (entry: Entry): entry is FieldMappingEntry => 'field' in entry
const keyOf = (entry: Entry) =>
  isField(entry) ? `${entry.object}:${entry.field}` : `${entry.pipelineId}:${entry.stageId}`

const builtIn: Record<string, Record<string, string>> = {
  lead: texts.leads.field,
  deal: texts.leads.dealField,
}
const builtInName = ({ object, field }: FieldMappingEntry) => builtIn[object]?.[field] ?? field

/** @returns the subject of a sentence about an entry */
function nameOf(entry: Entry, names: EntryNames): string {
  const name = names.get(keyOf(entry))
  if (isField(entry)) return `The ${entry.object} field “${name ?? builtInName(entry)}”`
  return name ? `The stage “${name}”` : `The stage ${entry.stageId}`
}

/** What is different from one mapping to the next, a sentence for each entry. Pure. */
export function differences(
  before: readonly Entry[],
  after: readonly Entry[],
  names: EntryNames = new Map(),
): string[] {
  const old = new Map(before.map(entry => [keyOf(entry), entry]))
  const now = new Map(after.map(entry => [keyOf(entry), entry]))
  return [
    ...before
      .filter(entry => !now.has(keyOf(entry)))
      .map(entry => `${nameOf(entry, names)} is not mapped any more.`),
    ...after.flatMap(entry => {
      const known = old.get(keyOf(entry))
      return isField(entry)
        ? fieldDifferences(known && isField(known) ? known : undefined, entry, nameOf(entry, names))
        : stageDifferences(
            known && !isField(known) ? known : undefined,
            entry,
            nameOf(entry, names),
          )
    }),
  ]
}

function fieldDifferences(
  known: FieldMappingEntry | undefined,
  now: FieldMappingEntry,
  name: string,
): string[] {
  if (!known) return [`${name} is mapped to ${now.property}, ${directions[now.direction]}.`]
  return [
    ...(known.property === now.property
      ? []
      : [`${name} is mapped to ${now.property} instead of ${known.property}.`]),
    ...(known.direction === now.direction
      ? []
      : [`${name} syncs ${directions[now.direction]} instead of ${directions[known.direction]}.`]),
    ...(known.policy === now.policy
      ? []
      : [`${name} follows ${words(now.policy)} instead of ${words(known.policy)}.`]),
  ]
}

function stageDifferences(
  known: StageMappingEntry | undefined,
  now: StageMappingEntry,
  name: string,
): string[] {
  if (!known) return [`${name} is mapped to ${now.stage}.`]
  return [
    ...(known.stage === now.stage
      ? []
      : [`${name} is mapped to ${now.stage} instead of ${known.stage}.`]),
    ...(known.writeBack === now.writeBack
      ? []
      : [
          now.writeBack
            ? `${name} is written back to.`
            : `${name} is not written back to any more.`,
        ]),
  ]
}

const words = (policy: string) => `“${policy.replaceAll('_', ' ')}”`
