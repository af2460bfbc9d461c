import { MongoBackend } from '@agendajs/mongo-backend'
import { Agenda, InMemoryNotificationChannel, type Job } from 'agenda'
import type { Db } from 'mongodb'
import type { Clock } from '../config/clock'
import { errorFields, type Log } from '../observability/log'
import { jobConcurrency, jobsCollection, queueName, type JobName } from './names'

/** Looks for jobs that other processes stored; what this process stores itself begins at once. */
const processEveryMs = 500
/**
 * A job that is not touched this long counts as its process's death, and another process repeats
 * it: every job can be repeated without harm.
 */
const lockLifetimeMs = 20_000
/** A job is stored as due for so long already that it is due by every process's clock, ms */
const dueBeforeMs = 60 * 60 * 1000
/** How long jobs that failed or could not be removed are kept, ms */
const keptForMs = 24 * 60 * 60 * 1000

/** What a job says: which run to carry out, or whose small work to do beside one. */
export interface JobData {
  partnerId?: string
  runId?: string
  operationId?: string
  beside?: boolean
}

export type Handler = (data: JobData) => Promise<void>

export interface QueueDeps {
  db: Db
  clock: Clock
  log: Log
}

/**
 * The queue, in MongoDB, shared by all processes. A job only triggers: the run's row decides who
 * does what. A process that only stores jobs need not start it.
 */
export function createQueue({ db, clock, log }: QueueDeps) {
  let opened: Promise<Agenda> | null = null

  async function open(): Promise<Agenda> {
    const backend = new MongoBackend({ mongo: db, collection: jobsCollection })
    const { repository } = backend
    // Not `backend.connect()`: that would make a collection for a log that nobody writes.
    await repository.connect()
    // Agenda connects it in its constructor and listens to no failure: a database that goes away
    // just then would leave it waiting forever.
    backend.connect = () => Promise.resolve()
    const nextJob = repository.getNextJobToRun.bind(repository)
    // Agenda goes by the process's own clock. One that is ahead would take other processes' jobs
    // for abandoned.
    repository.getNextJobToRun = (name, scanAt, _lockDeadline, now, options) =>
      nextJob(name, scanAt, new Date(clock().getTime() - lockLifetimeMs), now, options)
    const agenda = new Agenda({
      backend,
      name: queueName,
      processEvery: processEveryMs,
      maxConcurrency: 100,
      defaultLockLifetime: lockLifetimeMs,
      removeOnComplete: true,
      notificationChannel: new InMemoryNotificationChannel(),
    })
    agenda.on('error', error =>
      log.warn(
        { event: 'queue_trouble', ...errorFields(error) },
        'The queue is in trouble; it goes on by itself',
      ),
    )
    await agenda.ready
    return agenda
  }

  /** The database may be away at the first try: the next one starts again. */
  async function agenda(): Promise<Agenda> {
    opened ??= open()
    try {
      return await opened
    } catch (error) {
      opened = null
      throw error
    }
  }

  async function whileTouched(job: Job<JobData>, work: () => Promise<void>): Promise<void> {
    const timer = setInterval(() => void job.touch().catch(() => {}), lockLifetimeMs / 4)
    try {
      await work()
    } finally {
      clearInterval(timer)
    }
  }

  return {
    /** Stores a job. In a process that works as well it begins at once. */
    async add(name: JobName, data: JobData): Promise<void> {
      const due = new Date(clock().getTime() - dueBeforeMs)
      await (await agenda()).create(name, data).schedule(due).save()
    },

    /**
     * Removes jobs that will never run again: they failed, or were done and could not be removed.
     * What they triggered is in the run's document.
     */
    async prune(): Promise<void> {
      const before = new Date(clock().getTime() - keptForMs)
      await db.collection(jobsCollection).deleteMany({
        name: { $in: Object.keys(jobConcurrency) },
        type: 'normal',
        nextRunAt: null,
        lastFinishedAt: { $lt: before },
      })
    },

    /** Begins to work: jobs by name. @throws when the database is away */
    async start(handlers: Record<JobName, Handler>): Promise<void> {
      const queue = await agenda()
      for (const [name, concurrency] of Object.entries(jobConcurrency) as [JobName, number][]) {
        queue.define<JobData>(
          name,
          async job => whileTouched(job, () => handlers[name](job.attrs.data ?? {})),
          { concurrency, lockLimit: concurrency, lockLifetime: lockLifetimeMs },
        )
      }
      await queue.start()
      await queue.every('1 minute', 'maintain')
    },

    /**
     * Takes no more jobs and hands back those that have not started. What has started is the
     * worker's to end.
     */
    async stop(): Promise<void> {
      if (opened === null) return
      const queue = await opened.catch(() => null)
      opened = null
      await queue?.stop(false)
    },
  }
}
export type Queue = ReturnType<typeof createQueue>
