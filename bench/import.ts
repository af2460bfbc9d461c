import { randomBytes } from 'node:crypto'
import { startMongoProcess } from '../modules/embedded-mongo/process'
import { createSimulator, type SimulatorEnvironment } from '../simulator/index'
import { mainPortalId } from '../simulator/control-client'
import { testEnvironment } from '../tests/support/connected'
import { runScript } from '../tests/support/script'
import type { ImportFigures } from './import-variant'

interface Variant {
  name: string
  who: 'ours' | 'naive'
  contacts: number
  deals: number
  latencyMs: number
  /** HubSpot's 110 requests in ten seconds */
  limited: boolean
}

interface Measured extends Variant, ImportFigures {
  requests: number
  refused: number
  busiest: number
}

const allowedPerSecond = 11

/**
 * A token for the naive variant, which knows nothing of OAuth: granted by the simulator as to any
 * app.
 */
async function accessToken(env: SimulatorEnvironment, url: string): Promise<string> {
  const scopes =
    'oauth crm.objects.contacts.read crm.objects.contacts.write crm.objects.deals.read crm.objects.deals.write crm.schemas.contacts.read crm.schemas.deals.read'
  const query = new URLSearchParams({
    client_id: env.NUXT_PUBLIC_HUBSPOT_CLIENT_ID,
    redirect_uri: env.NUXT_PUBLIC_HUBSPOT_REDIRECT_URI,
    scope: scopes,
    state: 'bench',
  })
  const redirect = await fetch(`${url}/oauth/authorize?${query.toString()}`, { redirect: 'manual' })
  const code = new URL(redirect.headers.get('location') ?? '').searchParams.get('code') ?? ''
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    client_id: env.NUXT_PUBLIC_HUBSPOT_CLIENT_ID,
    client_secret: env.NUXT_HUBSPOT_CLIENT_SECRET,
    redirect_uri: env.NUXT_PUBLIC_HUBSPOT_REDIRECT_URI,
  })
  const answer = (await (
    await fetch(`${url}/oauth/2026-09/token`, { method: 'POST', body })
  ).json()) as { access_token: string }
  return answer.access_token
}

async function measure(variant: Variant, mongodbUri: string): Promise<Measured> {
  const { contacts, deals, latencyMs, limited, who } = variant
  const simulator = await createSimulator({
    contacts,
    deals,
    latencyMs,
    webhookUrl: null,
    settings: { rateLimits: limited, autoGrantPortalId: mainPortalId },
  })
  try {
    const pace: Record<string, string> = limited
      ? {}
      : { NUXT_HUBSPOT_REQUESTS_PER_TEN_SECONDS: '10000', NUXT_HUBSPOT_SEARCHES_PER_SECOND: '1000' }
    const env = testEnvironment(
      { uri: mongodbUri, database: `bench-${randomBytes(4).toString('hex')}` },
      simulator.env,
      pace,
    )
    const token: Record<string, string> =
      who === 'naive' ? { BENCH_ACCESS_TOKEN: await accessToken(simulator.env, simulator.url) } : {}
    await simulator.control.clearCalls()
    const child = runScript(new URL('import-variant.ts', import.meta.url), [who], {
      ...env,
      ...token,
    })
    const figures = JSON.parse(await child.firstLine) as ImportFigures
    await child.ended
    const stats = await simulator.control.stats()
    return {
      ...variant,
      ...figures,
      requests: stats.byKind.general ?? 0,
      refused: stats.byStatus['429'] ?? 0,
      busiest: stats.maxInTenSeconds[String(mainPortalId)] ?? 0,
    }
  } finally {
    await simulator.stop()
  }
}

const small = { contacts: 10_000, deals: 2000 }
const large = { contacts: 200_000, deals: 2000 }
const variants: Variant[] = [
  {
    name: "ours, HubSpot's limit, 50 ms",
    who: 'ours',
    contacts: 40_000,
    deals: 4000,
    latencyMs: 50,
    limited: true,
  },
  { name: 'ours, no limit, 10k', who: 'ours', ...small, latencyMs: 0, limited: false },
  { name: 'naive, no limit, 10k', who: 'naive', ...small, latencyMs: 0, limited: false },
  { name: 'ours, no limit, 200k', who: 'ours', ...large, latencyMs: 0, limited: false },
  { name: 'naive, no limit, 200k', who: 'naive', ...large, latencyMs: 0, limited: false },
]

function row(measured: Measured): string {
  const perSecond = measured.requests / measured.seconds
  return [
    measured.name.padEnd(28),
    `${measured.records} records`.padStart(15),
    `${measured.seconds.toFixed(1)} s`.padStart(9),
    `${Math.round(measured.records / measured.seconds)} rec/s`.padStart(12),
    `${perSecond.toFixed(2)} req/s`.padStart(13),
    `${measured.refused} × 429`.padStart(8),
    `peak ${Math.round(measured.peakMb)} MB (idle ${Math.round(measured.idleMb)})`.padStart(26),
    `${measured.cpuSeconds.toFixed(1)} s CPU`.padStart(12),
  ].join('  ')
}

/** Prints the figures. */
export async function benchImport(): Promise<void> {
  const print = (line: string) => void process.stdout.write(`${line}\n`)
  const mongo = await startMongoProcess({})
  try {
    print(
      "Import of contacts and deals: ours beside the naive way (HubSpot's SDK getAll, then insertMany), each in a process of its own",
    )
    const measured: Measured[] = []
    for (const variant of variants) {
      const one = await measure(variant, mongo.uri)
      measured.push(one)
      print(row(one))
    }
    const [limited, ours10, naive10, ours200, naive200] = measured
    if (!limited || !ours10 || !naive10 || !ours200 || !naive200) return
    const share = limited.requests / limited.seconds / allowedPerSecond
    print(
      `\nAt HubSpot's limit: ${(share * 100).toFixed(1)} % of the ${allowedPerSecond} requests/s allowed, busiest ten seconds ${limited.busiest} of 110, ${limited.refused} refused.`,
    )
    print(
      `Memory at 200k over 10k: ours × ${(ours200.peakMb / ours10.peakMb).toFixed(2)}, naive × ${(naive200.peakMb / naive10.peakMb).toFixed(2)}; ours at 200k takes 1/${(naive200.peakMb / ours200.peakMb).toFixed(1)} of naive's.`,
    )
    print(
      `Speed without a limit at 200k: ours ${(ours200.records / ours200.seconds / (naive200.records / naive200.seconds)).toFixed(2)} × naive (ours merges, links, indexes and notes each page; naive only stores).`,
    )
  } finally {
    await mongo.stop()
  }
}
