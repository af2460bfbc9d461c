import type { Call } from '../calls'
import { hubspotTime } from '../clock'
import { standardTypes } from '../data/object-types'
import type { Fault } from '../faults'
import { html, redirect, RefusedRequest, type Reply, type SimulatorRequest } from '../http'
import { escapeHtml, page } from '../oauth/pages'
import type { SimulatorSettings } from '../settings'
import type { World } from '../world'
import { turnClock } from './time'

/** `GET /`: what there is and what happens. `POST /`: its forms, from this page alone. */
export function overview(world: World, request: SimulatorRequest): Reply {
  if (request.method !== 'POST') return html(200, overviewPage(world))
  const site = request.headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    throw new RefusedRequest({ status: 403 })
  const form = new URLSearchParams(request.body)
  try {
    carryOut(world, form)
  } catch (error) {
    if (!(error instanceof Problem || error instanceof RefusedRequest)) throw error
    return html(400, overviewPage(world, error instanceof Problem ? error.message : 'No such time'))
  }
  return redirect('/')
}

class Problem extends Error {}

function carryOut(world: World, form: URLSearchParams): void {
  const text = (name: string) => form.get(name)?.trim() ?? ''
  switch (text('do')) {
    case 'fault': {
      const status = Number(text('status'))
      if (!Number.isInteger(status) || status < 200 || status > 599)
        throw new Problem('A fault needs a status from 200 to 599')
      const path = text('path')
      const times = text('times') === '' ? null : Number(text('times'))
      if (times !== null && (!Number.isInteger(times) || times < 1))
        throw new Problem('A fault hits a whole number of times, from 1; empty: always')
      world.faults.add({
        ...(path === '' ? {} : { path }),
        times,
        action: { kind: 'status', status },
      })
      return
    }
    case 'remove-fault':
      return world.faults.remove(Number(text('id')))
    case 'clock': {
      const minutes = Number(text('minutes'))
      if (!Number.isFinite(minutes)) throw new Problem('Minutes are a number')
      return turnClock(world.clock, {
        by: minutes * 60_000,
        to: text('to') === '' ? undefined : text('to'),
      })
    }
    case 'setting': {
      const name = text('name') as keyof SimulatorSettings
      if (!(name in world.settings)) throw new Problem(`There is no setting ${name}`)
      const before = world.settings[name]
      const value = parsed(text('value'))
      if (before !== null && value !== null && typeof value !== typeof before)
        throw new Problem(`${name} is a ${typeof before}`)
      Object.assign(world.settings, { [name]: value })
      return
    }
    case 'uninstall':
      return world.grants.uninstall(Number(text('portal')))
    default:
      throw new Problem('Nothing to do')
  }
}

/** JSON, or the text itself. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const cell = (value: unknown) => `<td>${escapeHtml(String(value))}</td>`
const table = (heads: string[], rows: string[]) =>
  rows.length === 0
    ? '<p>None.</p>'
    : `<table><thead><tr>${heads.map(head => `<th>${head}</th>`).join('')}</tr></thead><tbody>${rows
        .map(row => `<tr>${row}</tr>`)
        .join('')}</tbody></table>`
const form = (what: string, fields: string, button: string) =>
  `<form method="post" action="/"><input type="hidden" name="do" value="${what}">${fields}<button>${button}</button></form>`
const input = (name: string, label: string, size = 10) =>
  `<label>${label} <input name="${name}" size="${size}"></label> `

function overviewPage(world: World, problem?: string): string {
  const { calls, webhooks, faults, clock, settings, grants, limits } = world
  const stats = calls.stats()
  const counts = webhooks.counts()
  const portals = [...world.portals.values()].map(portal => {
    const { id, name, hublet, currency, timeZone } = portal.description
    const used = limits.inUse(id)
    const most = { ...settings, ...portal.description.limits }
    const installed = grants.installation(id)
    return [
      cell(`${name} (${id})`),
      cell(`${hublet}, ${currency}, ${timeZone}`),
      cell(standardTypes.map(type => portal.store(type).size()).join(' / ')),
      cell(`${used.general} of ${most.requestsPerTenSeconds} in 10 s`),
      cell(`${used.search} of ${most.searchesPerSecond} in 1 s`),
      `<td>${
        installed
          ? form(
              'uninstall',
              `<input type="hidden" name="portal" value="${id}">`,
              `Uninstall (since ${hubspotTime(installed.installedAt).slice(0, 16)})`,
            )
          : 'no'
      }</td>`,
    ].join('')
  })
  const latest = calls.list({ limit: 20 }).reverse()
  const shownSettings = Object.entries(settings).filter(([name]) => name !== 'tokenMark')
  return page(
    'Overview',
    `<style>main { max-width: 72rem } table { border-collapse: collapse; width: 100%; font-size: .875rem }
th, td { text-align: left; padding: .25rem .5rem; border-bottom: 1px solid var(--line) }
form { margin: .5rem 0 } td form { margin: 0 } input { font: inherit; padding: .25rem }</style>
<h1>HubSpot simulator</h1>
${problem === undefined ? '' : `<p role="alert">${escapeHtml(problem)}</p>`}
<p>API and consent page of ${escapeHtml(world.app.name)}: <code>${escapeHtml(world.url())}</code></p>
<h2>Accounts</h2>
${table(['account', 'kind', `${standardTypes.join(' / ')} ever`, 'requests', 'searches', 'installed'], portals)}
<h2>Time</h2>
<p>It is ${hubspotTime(clock.now())} here${clock.offset() === 0 ? '' : `, turned by ${Math.round(clock.offset() / 60_000)} minutes`}.</p>
${form('clock', input('minutes', 'forward by minutes', 6) + input('to', 'or to (ISO 8601)', 22), 'Turn')}
<h2>Faults</h2>
${table(['path', 'times', 'hits', 'what', ''], faults.list().map(faultRow))}
${form('fault', input('path', 'path contains', 24) + input('status', 'status', 4) + input('times', 'times (empty: always)', 4), 'Add')}
<h2>Webhooks</h2>
<p>To ${escapeHtml(webhooks.settings.targetUrl ?? 'nowhere')}: ${counts.delivered} events delivered in ${counts.requests} requests, ${counts.pending} waiting, ${counts.givenUp} given up, ${counts.dropped} dropped.</p>
${table(
  ['at', 'events', 'attempt', 'status', 'ms'],
  webhooks
    .deliveries()
    .slice(-5)
    .reverse()
    .map(({ at, events, attempt, status, ms }) =>
      [hubspotTime(at), events, attempt, status ?? 'no answer', ms].map(cell).join(''),
    ),
)}
<h2>Calls</h2>
<p>${stats.total} in all; by status: ${escapeHtml(JSON.stringify(stats.byStatus))}</p>
${table(['at', 'account', 'call', 'status', 'ms'], latest.map(callRow))}
<h2>Settings</h2>
${form('setting', input('name', 'name', 24) + input('value', 'value', 16), 'Set')}
${table(
  ['name', 'value'],
  shownSettings.map(([name, value]) => cell(name) + cell(JSON.stringify(value))),
)}`,
  )
}

function faultRow({ id, path, times = 1, hits, action }: Fault & { id: number; hits: number }) {
  const what = action.kind === 'status' ? `status ${action.status}` : action.kind
  return `${[path ?? 'any', times ?? 'always', hits, what].map(cell).join('')}<td>${form(
    'remove-fault',
    `<input type="hidden" name="id" value="${id}">`,
    'Remove',
  )}</td>`
}

const callRow = ({ at, portalId, method, path, status, ms, fault }: Call) =>
  [
    hubspotTime(at),
    portalId ?? '',
    `${method} ${path}`,
    fault ? `${status} (${fault})` : status,
    ms,
  ]
    .map(cell)
    .join('')
