import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MongoClient, type Document } from 'mongodb'

/**
 * What is written first: one find, one count, JSON or a string of HTML. No session, no check of
 * anything, no framework. Started by `bench/pages.ts`.
 */
const client = await new MongoClient(process.env.BENCH_URI ?? '').connect()
const leads = client.db(process.env.BENCH_DATABASE).collection('leads')

async function page(): Promise<{ items: Document[]; total: number }> {
  const [items, total] = await Promise.all([
    leads.find().sort({ updated_at: -1 }).limit(25).toArray(),
    leads.countDocuments(),
  ])
  return { items, total }
}

const html = (rows: string) =>
  `<!doctype html><title>Leads</title><table>${rows}</table><script src="/app.js"></script>`
const rowOf = ({ values }: Document) =>
  `<tr>${Object.values(values as Record<string, string>)
    .map(value => `<td>${value}</td>`)
    .join('')}</tr>`

const server = createServer((request, response) => {
  void (async () => {
    const path = request.url?.split('?')[0]
    if (path === '/cpu') {
      const { user, system } = process.cpuUsage()
      response.end(String((user + system) / 1e6))
    } else if (path === '/api/v1/leads') response.end(JSON.stringify(await page()))
    else if (path === '/leads') response.end(html((await page()).items.map(rowOf).join('')))
    else response.end(JSON.stringify(await leads.findOne()))
  })()
})
server.listen(0, '127.0.0.1', () =>
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`),
)
