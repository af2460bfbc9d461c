import { ObjectId } from 'mongodb'
import { LeadCreate } from '#shared/contracts/leads'
import type { ImportPreview } from '#shared/contracts/operations'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import type { ImportRow } from '../database/documents'
import { NotFound } from '../errors'
import { EmailTaken } from '../leads/errors'
import { differing, type LineRules } from './import-differences'
import type { Leads } from '../leads/leads'
import { kinds } from '../records/kinds'
import type { MappedRules } from '../records/outbox'
import { findByIds } from '../records/repository/by-ids'
import { readImportFile, type ReadLine } from './import-file'
import { createImportRepository, rowsKeptMs, type KnownLead } from './import-repository'
import type { Outcome } from './repository'
import {
  editorOf,
  eachOf,
  isDoneBy,
  stepSize,
  whyRefused,
  type OperationOf,
  type Step,
} from './step'

export interface ImportDeps {
  collections: Collections
  records: { leads: Leads }
  mapping: Pick<MappedRules, 'fieldsFor' | 'ownFieldsOf' | 'choicesOf'>
  clock: Clock
}

/** The lines of a file, stored for the operation that will work them off */
export interface StoredFile {
  chunks: number
  total: number
  /** About columns that are not imported */
  aboutColumns: Outcome[]
}

type Import = OperationOf<'import'>

/** Lines that a dry run lists; it counts all */
const mostShown = 10_000
const alreadySo = 'The lead has these values already.'
const severalLeads = 'Several leads have this e-mail address.'

const emailsOf = (rows: readonly ReadLine[]) =>
  rows.flatMap(row => ('input' in row && row.input.email ? [row.input.email] : []))
const skipped = (line: number, why: string): Outcome => ({
  object: 'lead',
  recordId: null,
  line,
  outcome: 'skipped',
  why,
})

/** Leads from a CSV file: made by the same way as by hand, or changed where the address is known. */
export function createImport({ collections, records: { leads }, mapping, clock }: ImportDeps) {
  const repository = createImportRepository(collections)

  async function rulesOf(partnerId: ObjectId): Promise<LineRules> {
    const [{ lead: rules }, { lead: own }, choices] = await Promise.all([
      mapping.fieldsFor(partnerId),
      mapping.ownFieldsOf(partnerId),
      mapping.choicesOf(partnerId, 'lead'),
    ])
    return { rules, own, choices }
  }

  /** @returns the lines of a file, some at a time */
  async function* parts(bytes: Uint8Array, rules: LineRules): AsyncGenerator<ReadLine[], void> {
    let part: ReadLine[] = []
    for await (const line of readImportFile(bytes, rules)) {
      part.push(line)
      if (part.length < stepSize) continue
      yield part
      part = []
    }
    if (part.length > 0) yield part
  }

  const whyNotMade = (input: object): string | null => {
    const read = LeadCreate.safeParse(input)
    return read.success
      ? null
      : read.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}.`).join(' ')
  }

  async function importRow(
    operation: Import,
    row: Extract<ImportRow, { input: object }>,
    known: KnownLead[],
    rules: LineRules,
  ): Promise<Outcome | 'done'> {
    const { partner_id: partnerId } = operation
    if (known.some(lead => isDoneBy(operation, lead))) return 'done'
    const by = editorOf(operation)
    const [lead, another] = known
    if (another) return skipped(row.line, severalLeads)
    try {
      if (lead) {
        const input = differing(rules, row.input, lead.values)
        if (input === null) return skipped(row.line, alreadySo)
        const { isChanged } = await leads.edit(partnerId, lead._id.toHexString(), input, by)
        return isChanged ? 'done' : skipped(row.line, alreadySo)
      }
      const why = whyNotMade(row.input)
      if (why !== null) return skipped(row.line, why)
      await leads.createFor(partnerId, row.input, { ...by, id: row.id })
      return 'done'
    } catch (error) {
      // Somebody made a lead with this address since the step began.
      if (error instanceof EmailTaken && !lead && row.input.email) {
        const now = await repository.leadsOf(partnerId, [row.input.email])
        const found = now.get(row.input.email) ?? []
        if (found.length > 0) return await importRow(operation, row, found, rules)
      }
      return { ...skipped(row.line, whyRefused(error)), outcome: 'failed' }
    }
  }

  return {
    forget: repository.forget,
    prune: () => repository.prune(clock()),

    /** What an import would do. Nothing is stored. @throws {ValidationFailed} */
    async preview(partnerId: ObjectId, bytes: Uint8Array): Promise<ImportPreview> {
      const preview: ImportPreview = { create: 0, update: 0, unchanged: 0, skip: [] }
      const skip = (line: number, why: string) => {
        if (preview.skip.length < mostShown) preview.skip.push({ line, why })
      }
      const rules = await rulesOf(partnerId)
      for await (const part of parts(bytes, rules)) {
        const byEmail = await repository.leadsOf(partnerId, emailsOf(part))
        for (const row of part) {
          if ('why' in row) {
            skip(row.line, row.why)
            continue
          }
          const [lead, another] = byEmail.get(row.input.email ?? '') ?? []
          if (another) skip(row.line, severalLeads)
          else if (lead && differing(rules, row.input, lead.values)) preview.update += 1
          else if (lead) preview.unchanged += 1
          else {
            const why = whyNotMade(row.input)
            if (why === null) preview.create += 1
            else skip(row.line, why)
          }
        }
      }
      return preview
    },

    /** Stores the lines of a file for an operation. @throws {ValidationFailed} */
    async store(
      partnerId: ObjectId,
      operationId: ObjectId,
      bytes: Uint8Array,
    ): Promise<StoredFile> {
      const stored: StoredFile = { chunks: 0, total: 0, aboutColumns: [] }
      const expiresAt = new Date(clock().getTime() + rowsKeptMs)
      try {
        for await (const part of parts(bytes, await rulesOf(partnerId))) {
          const [first] = part
          if (first && 'why' in first && first.line === 1) {
            stored.aboutColumns.push(skipped(1, first.why))
            part.shift()
          }
          if (part.length === 0) continue
          await repository.add({
            partner_id: partnerId,
            operation_id: operationId,
            index: stored.chunks,
            // The lead's id is settled now: a step that is done again makes no second lead.
            rows: part.map(row => ('why' in row ? row : { ...row, id: new ObjectId() })),
            expires_at: expiresAt,
          })
          stored.chunks += 1
          stored.total += part.length
        }
      } catch (error) {
        await repository.forget(operationId)
        throw error
      }
      return stored
    },

    /** @throws {NotFound} the lines waited for more than a day */
    async run(operation: Import): Promise<Step> {
      const index = Number(operation.cursor?.chunk ?? 0)
      if (index >= operation.task.chunks) return { next: null, done: 0, outcomes: [] }
      const chunk = await repository.chunk(operation._id, index)
      if (!chunk) throw new NotFound('This part of the file')
      const { partner_id: partnerId } = operation
      const rows = chunk.rows.filter(row => 'input' in row)
      const [rules, made, byEmail] = await Promise.all([
        rulesOf(partnerId),
        findByIds(
          collections,
          kinds.lead,
          partnerId,
          rows.map(row => row.id),
        ),
        repository.leadsOf(partnerId, emailsOf(rows)),
      ])
      const results = await eachOf(chunk.rows, async row => {
        if ('why' in row) return skipped(row.line, row.why)
        const own = made.get(row.id.toHexString())
        const known = own ? [own] : (byEmail.get(row.input.email ?? '') ?? [])
        return await importRow(operation, row, known, rules)
      })
      const outcomes = results.filter(result => result !== 'done')
      return { next: { chunk: index + 1 }, done: results.length - outcomes.length, outcomes }
    },
  }
}
