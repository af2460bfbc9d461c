import type { CommandStartedEvent, Db, Document, MongoClient } from 'mongodb'

export interface QueryPlan {
  command: string
  collection: string
  /** Names of the stages of the winning plan, innermost last */
  stages: string[]
  docsExamined: number
  keysExamined: number
}

const reads = ['find', 'aggregate', 'count', 'update', 'delete', 'findAndModify'] as const

/**
 * Runs something and explains every query that it sent.
 * @param client must have been made with `monitorCommands: true`
 */
export async function plansOf(
  client: MongoClient,
  db: Db,
  action: () => Promise<unknown>,
): Promise<QueryPlan[]> {
  const commands: Document[] = []
  const listen = ({ command, databaseName }: CommandStartedEvent) => {
    if (databaseName === db.databaseName && reads.some(read => read in command))
      commands.push(command)
  }
  client.on('commandStarted', listen)
  try {
    await action()
  } finally {
    client.off('commandStarted', listen)
  }
  const plans: QueryPlan[] = []
  for (const command of commands.flatMap(one => single(one))) {
    const name = reads.find(read => read in command) ?? 'find'
    // What belongs to the connection and not to the query.
    const { lsid, $db, txnNumber, $clusterTime, apiVersion, writeConcern, cursor, ...query } =
      command
    const explained = await db.command({
      explain: name === 'aggregate' ? { ...query, cursor: cursor ?? {} } : query,
      verbosity: 'executionStats',
    })
    const stats = explained.executionStats ?? explained.stages?.[0]?.$cursor?.executionStats
    plans.push({
      command: name,
      collection: String(command[name]),
      stages: stagesIn(stats?.executionStages ?? explained),
      docsExamined: stats?.totalDocsExamined ?? 0,
      keysExamined: stats?.totalKeysExamined ?? 0,
    })
  }
  return plans
}

/** A batch of writes as one command for each: only those can be explained. */
function single(command: Document): Document[] {
  for (const list of ['updates', 'deletes']) {
    if (Array.isArray(command[list]))
      return command[list].map((one: unknown) => ({ ...command, [list]: [one] }))
  }
  return [command]
}

function stagesIn(plan: unknown): string[] {
  if (typeof plan !== 'object' || plan === null) return []
  const own = 'stage' in plan && typeof plan.stage === 'string' ? [plan.stage] : []
  return [...own, ...Object.values(plan).flatMap(stagesIn)]
}
