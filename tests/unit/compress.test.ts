import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { createApp, createRouter, defineEventHandler, setResponseStatus, toNodeListener } from 'h3'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { codingOf, compressResponse } from '../../server/http/compress'

const page = `<!doctype html>${'<p>Leads of Northwind</p>'.repeat(200)}`
const list = { items: Array.from({ length: 100 }, (_, id) => ({ id, name: 'Grace Hopper' })) }
const router = createRouter()
  .get(
    '/leads',
    defineEventHandler(() => page),
  )
  .get(
    '/api/leads',
    defineEventHandler(() => list),
  )
  .post(
    '/api/leads',
    defineEventHandler(() => list),
  )
  .get(
    '/api/me',
    defineEventHandler(() => ({ id: 1 })),
  )
  .get(
    '/api/token',
    defineEventHandler(() => list),
  )
  .get(
    '/bytes',
    defineEventHandler(() => Buffer.from(page)),
  )
  .get(
    '/away',
    defineEventHandler(event => (setResponseStatus(event, 404), page)),
  )
const server = createServer(
  toNodeListener(createApp({ onBeforeResponse: compressResponse }).use(router)),
)
beforeAll(() => new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => new Promise(resolve => server.close(resolve)))

async function ask(path: string, headers: Record<string, string> = {}, method = 'GET') {
  return await new Promise<{
    coding: string | undefined
    vary: unknown
    type: unknown
    body: Buffer
  }>((resolve, reject) =>
    request(
      {
        port: (server.address() as AddressInfo).port,
        path,
        method,
        agent: false,
        headers: { 'accept-encoding': 'gzip, deflate, br', ...headers },
      },
      answer => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.once('end', () =>
          resolve({
            coding: answer.headers['content-encoding'],
            vary: answer.headers.vary,
            type: answer.headers['content-type'],
            body: Buffer.concat(chunks),
          }),
        )
      },
    )
      .once('error', reject)
      .end(),
  )
}

describe('an answer that leaves', () => {
  it('is compressed, as the browser takes it', async () => {
    const best = await ask('/leads')
    expect(best).toMatchObject({ coding: 'br', vary: 'Accept-Encoding', type: 'text/html' })
    expect(brotliDecompressSync(best.body).toString()).toBe(page)
    const gzipped = await ask('/api/leads', { 'accept-encoding': 'gzip' })
    expect(gzipped).toMatchObject({ coding: 'gzip', type: 'application/json' })
    expect(JSON.parse(gunzipSync(gzipped.body).toString())).toEqual(list)
    expect(gzipped.body.length).toBeLessThan(JSON.stringify(list).length / 5)
  })

  it('says that another reader may get it otherwise', async () => {
    const plain = await ask('/leads', { 'accept-encoding': 'identity' })
    expect(plain).toMatchObject({ coding: undefined, vary: 'Accept-Encoding' })
    expect(plain.body.toString()).toBe(page)
  })

  test.each([
    ['holds a credential', '/api/token', 'GET'],
    ['is small', '/api/me', 'GET'],
    ['answers a change', '/api/leads', 'POST'],
    ['is made of bytes', '/bytes', 'GET'],
    ['is an error', '/away', 'GET'],
  ])('is left as it is when it %s', async (_, path, method) => {
    expect((await ask(path, {}, method)).coding).toBeUndefined()
  })

  test.each([
    ['cross-site', undefined],
    ['same-site', undefined],
    ['same-origin', 'br'],
    ['none', 'br'],
  ])(
    'holds words of a %s request only uncompressed, if a stranger chose them',
    async (site, coding) => {
      expect((await ask('/leads?q=secret', { 'sec-fetch-site': site })).coding).toBe(coding)
      expect((await ask('/leads', { 'sec-fetch-site': site })).coding).toBe('br')
    },
  )

  it('is compressed for a program with its own key, and not for who says nothing', async () => {
    const key = { authorization: 'Bearer pck_x' }
    expect((await ask('/api/leads?q=x', key)).coding).toBe('br')
    expect((await ask('/api/leads?q=x')).coding).toBeUndefined()
  })
})

test.each([
  ['gzip, deflate, br, zstd', 'br'],
  ['GZIP', 'gzip'],
  ['br;q=0, gzip;q=0.5', 'gzip'],
  ['br; q=0.0', null],
  ['identity', null],
  [undefined, null],
])('of %j it takes %j', (accepted, coding) => {
  expect(codingOf(accepted)).toBe(coding)
})
