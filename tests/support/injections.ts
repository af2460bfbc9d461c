import { contractOf, type Route } from './id-slots'
import { nastyKeys, payloads, serverFields } from './injection-payloads'
import { pathOf, reads } from './routes'
import { shareOf } from './proofs'
import { jsonSchemaOf, places, sample, set } from './schema-places'

/** Requests at a time */
const atOnce = 8

export interface InjectionOptions {
  url: string
  routes: Route[]
  /** The Cookie header of somebody who may call the routes */
  cookie: string
  /** An id that the bodies try to write into fields of the server's */
  foreignId: string
  /** Paths with ids of the caller's own */
  idFor: (route: Route) => Record<string, string>
  /** Each field gets one payload in so many, and each payload every so manieth field; default: all */
  step?: number
}

/**
 * Offers payloads to every field of every body, query and path that a route's schemas name, and
 * fields of the server's own to every body. What comes in has to be refused with a 4xx or
 * to stand in the answer letter by letter; it never makes a 5xx.
 */
export async function injectEverywhere({
  url,
  routes,
  cookie,
  foreignId,
  idFor,
  step = 1,
}: InjectionOptions): Promise<{ tried: number; fields: number; findings: string[] }> {
  const findings: string[] = []
  let tried = 0
  let fields = 0
  const waiting: (() => Promise<void>)[] = []
  const later = (task: () => Promise<void>) => void waiting.push(task)

  async function send(method: string, path: string, json?: unknown) {
    tried++
    const answer = await fetch(`${url}${path}`, {
      method,
      redirect: 'manual',
      headers: { cookie, ...(json === undefined ? {} : { 'content-type': 'application/json' }) },
      body: json === undefined ? undefined : JSON.stringify(json),
    })
    const text = await answer.text()
    const away = answer.status === 503 && /"code":"hubspot_(unavailable|rate_limited)"/.test(text)
    return { status: away ? 409 : answer.status, text }
  }
  const report = (route: Route, what: string, wrong: string) =>
    findings.push(`${route.method} ${route.path}, ${what}: ${wrong}`)
  let placesSeen = 0
  const share = <T>(items: readonly T[]) => shareOf(items, placesSeen++, step)
  const short = (value: unknown) => JSON.stringify(value)?.slice(0, 40)

  for (const route of routes) {
    const { params, query, body } = contractOf(route.handler)
    const path = pathOf(route, idFor(route))
    if (body) {
      const schema = jsonSchemaOf(body)
      const found = places(schema)
      const checked = body.safeParse(sample(schema))
      if (!checked.success)
        report(
          route,
          'the sample',
          `is not valid itself: ${checked.error.issues.map(issue => issue.path.join('.')).join(', ')}`,
        )
      fields += found.fields.length
      for (const at of found.fields) {
        for (const payload of share(payloads))
          later(async () => {
            const what = `${short(payload)} in ${at.join('.')}`
            const { status, text } = await send(
              route.method,
              path,
              set(sample(schema), at, payload),
            )
            if (status >= 500) report(route, what, `answers ${status}`)
            if (status >= 300) return
            // The schema itself takes it (a boolean for a boolean): no injection.
            if (typeof payload !== 'string') {
              if (
                typeof payload === 'object' &&
                payload !== null &&
                !body.safeParse(set(sample(schema), at, payload)).success
              )
                report(route, what, 'is taken')
              return
            }
            const said = (JSON.parse(text) as Record<string, unknown>)[at[0] as string]
            const literal = [
              payload,
              payload.trim(),
              payload.trim().toLowerCase(),
              payload.toWellFormed(),
              payload === '' ? null : undefined,
            ]
            if (at.length === 1 && typeof said === 'string' && !literal.includes(said))
              report(route, what, `became ${short(said)}`)
          })
      }
      for (const at of found.objects) {
        const foreign = [...serverFields, ...nastyKeys].filter(
          name =>
            !found.fields.some(field => field.length === at.length + 1 && field.at(-1) === name),
        )
        for (const key of share(foreign)) {
          later(async () => {
            const { status } = await send(
              route.method,
              path,
              set(sample(schema), [...at, key], foreignId),
            )
            if (status < 400 || status >= 500)
              report(
                route,
                `the key ${short(key)} in ${at.join('.') || 'the body'}`,
                `answers ${status}`,
              )
          })
        }
      }
    }
    if (query) {
      const names = Object.keys(jsonSchemaOf(query).properties ?? {})
      fields += names.length
      for (const name of names) {
        const texts = payloads.map(payload =>
          encodeURIComponent(
            String(typeof payload === 'object' ? JSON.stringify(payload) : payload).toWellFormed(),
          ).slice(0, 6000),
        )
        const pairs = [
          ...texts.map(text => `${name}=${text}`),
          `${name}[$ne]=`,
          `${name}[]=a`,
          `${name}.$gt=`,
          `${name}=a&${name}=b`,
          `__proto__[${name}]=a`,
          `constructor[prototype][${name}]=a`,
          `${name}=%ED%A0%80`,
          `${name}=%00`,
          `${name}=%ff`,
        ]
        for (const pair of share(pairs))
          later(async () => {
            const { status } = await send(route.method, `${path}?${pair}`)
            if (status >= 500) report(route, `?${pair.slice(0, 60)}`, `answers ${status}`)
            if (status < 300 && /^[^=]*(?:[[.]|__proto__)/.test(pair))
              report(route, `?${pair.slice(0, 60)}`, 'is taken')
          })
      }
      for (const key of share(serverFields.filter(one => !names.includes(one))))
        later(async () => {
          const { status } = await send(route.method, `${path}?${key}=${foreignId}`)
          if (status < 400 || status >= 500) report(route, `?${key}`, `answers ${status}`)
        })
    }
    if (params) {
      for (const name of Object.keys(jsonSchemaOf(params).properties ?? {})) {
        fields++
        for (const payload of share(payloads))
          later(async () => {
            const text = String(typeof payload === 'object' ? JSON.stringify(payload) : payload)
              .toWellFormed()
              .slice(0, 3000)
            if (text === '' || text === '.') return
            const { status } = await send(
              route.method,
              pathOf(route, { [`:${name}`]: encodeURIComponent(text) }),
              reads(route) ? undefined : {},
            )
            if (status < 400 || status >= 500)
              report(route, `${short(text)} in the path`, `answers ${status}`)
          })
      }
    }
  }
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let task = waiting.shift(); task; task = waiting.shift()) await task()
    }),
  )
  return { tried, fields, findings }
}
