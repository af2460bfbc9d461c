import { setTimeout as sleep } from 'node:timers/promises'
import { compareSides } from '../../tests/support/both-sides'
import { ensureBuild } from '../../tests/support/build'
import { until } from '../../tests/support/until'
import { createStory } from '../../tests/support/story'
import { stepDownAtRandom, troubleDatabase } from './database-faults'
import { startInstallation, type Installation } from './installation'
import { seriesOf, slopeOf } from './memory'
import { createPeople } from './people'

export interface ChaosOptions {
  /** What happens to the database: faults of our proxy, or step-downs of a real replica set */
  database: 'faults' | 'stepDowns'
  minutes: number
  contacts: number
  deals: number
  seed: number
}

/**
 * A process that lives longer than this counts for the memory's slope: before, it is still warming
 * up.
 */
const warmUpSeconds = 60
/** MB a minute that the floor of the heap may seem to grow in so short a time */
const flatMbPerMinute = 1
const settleMs = 10 * 60_000
const say = (line: string) => void process.stdout.write(`${line}\n`)

/**
 * One call in twenty goes wrong: refused, cut off before the work, or cut off after it, when
 * HubSpot has done what we hear nothing of.
 */
async function makeTrouble(
  { control }: Installation,
  story: ReturnType<typeof createStory>,
): Promise<void> {
  for (const path of ['/crm/', '/oauth/']) {
    for (const status of [429, 500, 502, 503])
      await control.inject({ path, percent: 0.4, times: null, action: { kind: 'status', status } })
    await control.inject({ path, percent: 1.5, times: null, action: { kind: 'reset' } })
    await control.inject({
      path,
      percent: 1.5,
      times: null,
      action: { kind: 'reset', afterWork: true },
    })
    await control.inject({ path, percent: 0.4, times: null, action: { kind: 'truncate' } })
  }
  await control.setWebhooks({ dropPercent: 15, duplicatePercent: 20, reorder: true })
  await control.set({ searchLagMs: 500 + story.below(1500) })
}

/**
 * Kills one of the two processes now and then. In the second half only the second one, so that the
 * first one's memory can be watched.
 */
async function killAtRandom(
  place: Installation,
  story: ReturnType<typeof createStory>,
  { untilMs, minutes }: { untilMs: number; minutes: number },
  over: AbortSignal,
): Promise<void> {
  const watchFrom = untilMs - minutes * 60_000 * 0.55
  while (!over.aborted) {
    await sleep(4000 + story.below(14_000), undefined, { signal: over }).catch(() => {})
    if (over.aborted) return
    const victim = Date.now() > watchFrom ? place.places[1] : story.pick(place.places)
    if (victim) await place.kill(victim)
  }
}

async function weighOften(installation: Installation, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    await installation.weigh()
    await sleep(5000, undefined, { signal: over }).catch(() => {})
  }
}

/**
 * Lets everything come to rest as it does by itself: no more trouble, the webhooks that still come,
 * and runs until nothing waits.
 */
async function settle({
  control,
  ask,
  isQuiet,
  places,
  collections,
  partnerId,
  webhookUrl,
}: Installation): Promise<void> {
  await control.clearFaults()
  await control.setWebhooks({
    dropPercent: 0,
    duplicatePercent: 0,
    reorder: false,
    targetUrl: webhookUrl(places[0]?.port ?? 0),
  })
  await until(
    async () => (await control.webhooks()).counts.pending === 0,
    'the webhooks have arrived',
    { timeoutMs: settleMs },
  )
  const waiting = {
    partner_id: partnerId,
    dirty: true,
    'sync.next_try_at': { $not: { $gt: new Date('9999-01-01') } },
  }
  for (let pass = 0; pass < 3; pass++) {
    await ask('POST', '/api/v1/integrations/hubspot/sync', {})
    await until(
      async () =>
        (await isQuiet()) &&
        (await collections.leads.countDocuments(waiting)) +
          (await collections.deals.countDocuments(waiting)) ===
          0,
      'nothing waits to be written',
      { timeoutMs: settleMs },
    )
  }
}

/** Says what did not come to rest, for whoever looks for the cause. */
async function sayWhatWaits({ ask, collections, partnerId, places }: Installation): Promise<void> {
  const connection = await ask('GET', '/api/v1/integrations/hubspot')
  say(`  connection ${connection?.text.slice(0, 2000)}`)
  const runs = await collections.syncRuns
    .find({ partner_id: partnerId })
    .sort({ _id: -1 })
    .limit(5)
    .toArray()
  for (const { kind, trigger, status, phase, started_at, finished_at, error, lease } of runs)
    say(
      `  run ${JSON.stringify({ kind, trigger, status, phase, started_at, finished_at, error, lease })}`,
    )
  for (const records of [collections.leads, collections.deals])
    for await (const { _id, sync, hubspot_id } of records
      .find({ partner_id: partnerId, dirty: true })
      .limit(5))
      say(`  waiting ${_id.toHexString()} ${hubspot_id} ${JSON.stringify(sync)}`)
  for (const { app, port } of places) say(`  process ${port}: ${app.output().slice(-1500)}`)
}

interface Acknowledged {
  text: string
  id: string
}

/**
 * Looks for texts that were answered with success: in the values and the history of our records,
 * and in HubSpot's records. A record that HubSpot's people merged into another one is gone with its
 * history, and the values of the other one stand: that is their word.
 * @returns those that are nowhere although their record is there, and how many went with a merge
 */
async function lostOf(
  { collections, portal }: Installation,
  acknowledged: readonly Acknowledged[],
): Promise<{ lost: string[]; merged: number }> {
  const kept = new Set<string>()
  const ids = new Set<string>()
  const keep = (record: unknown) => {
    for (const [text] of JSON.stringify(record).matchAll(/(?<=")(here-)?w\d+(?=")/g)) kept.add(text)
  }
  for (const records of [collections.leads, collections.deals])
    for await (const record of records.find()) {
      ids.add(record._id.toHexString())
      keep(record)
    }
  for (const type of ['contacts', 'deals'] as const) keep(await portal.list(type, 50_000))
  const missing = acknowledged.filter(({ text }) => !kept.has(text))
  const lost = missing.filter(({ id }) => ids.has(id)).map(({ text, id }) => `${text} of ${id}`)
  return { lost, merged: missing.length - lost.length }
}

/**
 * Two processes of the production build on one database, killed at random, while people edit on
 * both sides and every twentieth call goes wrong; then everything is held against everything.
 * @returns the checks, each with whether it holds
 */
export async function runChaos({
  database,
  minutes,
  contacts,
  deals,
  seed,
}: ChaosOptions): Promise<{ name: string; ok: boolean }[]> {
  await ensureBuild()
  const story = createStory(seed)
  const installation = await startInstallation({
    contacts,
    deals,
    seed,
    database: database === 'faults' ? 'proxied' : 'direct',
    random: createStory(seed + 2).random,
  })
  const { control, places, memory } = installation
  const people = await createPeople(installation, story)
  await control.clearCalls()
  await makeTrouble(installation, story)
  const untilMs = Date.now() + minutes * 60_000
  const over = new AbortController()
  const weighing = weighOften(installation, over.signal)
  const killing = killAtRandom(
    installation,
    createStory(seed + 1),
    { untilMs, minutes },
    over.signal,
  )
  const troubling = (
    installation.proxy
      ? troubleDatabase(installation.proxy, createStory(seed + 3), over.signal)
      : stepDownAtRandom(installation.uri, createStory(seed + 3), over.signal)
  ).catch((error: unknown) => {
    say(`chaos: the database could not be troubled: ${String(error)}`)
    return 0
  })
  let grantsExpired = 0
  for (let round = 0; Date.now() < untilMs; round++) {
    await Promise.all([people.act(), people.act(), people.act()])
    await sleep(60)
    if (round % 100 === 75) await control.expireAccessTokens().then(() => grantsExpired++)
    if (round % 30 === 15)
      await control.setWebhooks({
        targetUrl: installation.webhookUrl(story.pick(places)?.port ?? 0),
      })
  }
  over.abort()
  await Promise.all([killing, weighing])
  const troubles = await troubling
  const faults = (await control.faults()).reduce((sum, fault) => sum + fault.hits, 0)
  const webhooks = (await control.webhooks()).counts
  say('chaos: time is up; waiting until it is quiet')
  const settled = await settle(installation).then(
    () => true,
    async (error: unknown) => {
      say(String(error))
      await sayWhatWaits(installation)
      return false
    },
  )

  const compared = await compareSides(installation, people.createdHere)
  const { lost, merged } = await lostOf(installation, people.acknowledged)
  const { proxy, wrongAnswers } = installation
  const hits = (['cut', 'delay', 'refuse', 'unconfirmed'] as const).map(
    kind => `${proxy?.hits(kind) ?? 0} ${kind}`,
  )
  const stats = await control.stats()
  const [busiest = 0, searches = 0] = [
    stats.maxInTenSeconds[installation.portalId],
    stats.maxSearchesInOneSecond[installation.portalId],
  ]
  const warm = memory.filter(sample => sample.age >= warmUpSeconds)
  const [slope, residentSlope] = [slopeOf(warm, 'heapMb'), slopeOf(warm, 'residentMb')]
  const records = compared.contacts + compared.deals
  const kills = places.reduce((sum, place) => sum + place.kills, 0)
  for (const line of compared.found.slice(0, 30)) say(`  ${line}`)
  for (const line of seriesOf(memory)) say(line)
  say(
    `chaos: seed ${seed}, ${minutes} min, ${kills} kills, ${faults} faults in ${stats.total} calls (${((100 * faults) / Math.max(1, stats.total)).toFixed(1)} %), ${grantsExpired} grants expired, webhooks ${JSON.stringify(webhooks)}`,
  )
  for (const line of wrongAnswers.slice(0, 20)) say(`  wrong answer: ${line}`)
  for (const text of lost.slice(0, 20)) say(`  lost: ${text}`)
  say(
    `chaos: database in trouble ${troubles} times, commands hit: ${hits.join(', ')}; ${installation.outages()} answers 503, ${wrongAnswers.length} wrong ones; ${people.acknowledged.length} texts acknowledged, ${lost.length} lost, ${merged} gone with a record that HubSpot merged away`,
  )
  say(`chaos: people ${JSON.stringify(people.counts)}`)
  say(
    `chaos: ${compared.identical} of ${records} linked records identical (${((100 * compared.identical) / Math.max(1, records)).toFixed(2)} %; ${compared.contacts} contacts, ${compared.deals} deals, ${compared.fields} fields), ${compared.found.length} differences, ${compared.twice.length} duplicates; busiest ten seconds ${busiest} of 110 requests, busiest second ${searches} of 5 searches; memory ${slope === null ? 'not measured' : `${slope.toFixed(2)} MB/min heap, ${residentSlope?.toFixed(2)} MB/min resident`}`,
  )
  await installation.stop()
  return [
    { name: 'it came to rest', ok: settled },
    {
      name: 'everything was done and went wrong that should',
      ok:
        Object.entries(people.counts).every(([what, times]) => what === 'refused' || times > 0) &&
        kills > 0 &&
        troubles > 0 &&
        faults > 0,
    },
    {
      name: 'linked records identical in every mapped field',
      ok: records > 0 && compared.identical === records && compared.found.length === 0,
    },
    { name: 'no answer but 2xx, 4xx and 503 with Retry-After', ok: wrongAnswers.length === 0 },
    {
      name: 'every acknowledged edit is found',
      ok: people.acknowledged.length > 0 && lost.length === 0,
    },
    { name: 'nothing exists twice', ok: compared.twice.length === 0 },
    { name: 'no request over the limits', ok: busiest <= 110 && searches <= 5 },
    { name: 'memory flat', ok: slope === null || slope <= flatMbPerMinute },
  ]
}
