import type { ObjectId } from 'mongodb'
import type { Run, RunList, RunResultList, RunResultsQuery } from '#shared/contracts/runs'
import type { Clock } from '../../config/clock'
import type { Cursors } from '../../database/cursor'
import { NotFound } from '../../errors'
import type { RunHistory } from './history-repository'
import { presentRun, type PresentResults } from './presenter'
import type { Runs } from './repository'
import type { RunResults } from './results'

export interface RunsQuery {
  limit: number
  cursor?: string
  kind?: Run['kind']
  status?: Run['status']
  eventful?: 'true'
}

export interface RunListDeps {
  runs: Pick<Runs, 'active'>
  history: Pick<RunHistory, 'find' | 'page' | 'count'>
  results: Pick<RunResults, 'page' | 'isComplete'>
  presentResults: PresentResults
  pageCursors: Cursors
  clock: Clock
}

/** A partner's runs and their results as the API lists them. */
export function createRunList({
  runs,
  history,
  results,
  presentResults,
  pageCursors,
  clock,
}: RunListDeps) {
  return {
    /** The run under way, or `null` */
    async current(partnerId: ObjectId): Promise<Run | null> {
      const run = await runs.active(partnerId)
      return run && presentRun(run, clock())
    },

    /** The latest runs, newest first. `version` changes with each change that is shown. */
    async latest(
      partnerId: ObjectId,
      limit: number,
    ): Promise<{ run: Run; version: number; active: boolean }[]> {
      return (await history.page(partnerId, { limit })).map(run => ({
        run: presentRun(run, clock()),
        version: run.version,
        active: run.active,
      }))
    },

    /** History, newest first. @throws {ValidationFailed} for a cursor of another list */
    async list(
      partnerId: ObjectId,
      { limit, cursor, kind, status, eventful }: RunsQuery,
    ): Promise<RunList> {
      const scope = { partnerId, list: 'runs', query: { kind, status, eventful } }
      const choice = { kind, status, eventful: eventful === 'true' }
      const before = cursor === undefined ? undefined : pageCursors.decode(scope, cursor).id
      const [found, total] = await Promise.all([
        history.page(partnerId, { ...choice, before, limit: limit + 1 }),
        history.count(partnerId, choice),
      ])
      const last = found.length > limit ? found[limit - 1] : undefined
      return {
        items: found.slice(0, limit).map(run => presentRun(run, clock())),
        nextCursor: last ? pageCursors.encode(scope, { id: last._id }) : null,
        total,
      }
    },

    /** @throws {NotFound} also for another partner's run */
    async get(partnerId: ObjectId, runId: ObjectId): Promise<Run> {
      const run = await history.find(partnerId, runId)
      if (!run) throw new NotFound('This run')
      return presentRun(run, clock())
    },

    /** What one run did, record by record. @throws {NotFound} also for another partner's run */
    async listResults(
      partnerId: ObjectId,
      runId: ObjectId,
      { limit, cursor, outcome, object }: RunResultsQuery,
    ): Promise<RunResultList> {
      const run = await history.find(partnerId, runId)
      if (!run) throw new NotFound('This run')
      const scope = {
        partnerId,
        list: 'run-results',
        query: { run: runId.toHexString(), outcome, object },
      }
      const after = cursor === undefined ? undefined : pageCursors.decode(scope, cursor).id
      const { items, total } = await results.page(partnerId, runId, {
        outcome,
        object,
        after,
        limit: limit + 1,
      })
      const last = items.length > limit ? items[limit - 1] : undefined
      return {
        items: await presentResults(partnerId, items.slice(0, limit)),
        nextCursor: last ? pageCursors.encode(scope, { id: last._id }) : null,
        total,
        complete: await results.isComplete(run),
      }
    },
  }
}
export type RunListing = ReturnType<typeof createRunList>
