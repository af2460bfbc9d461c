import { ObjectId } from 'mongodb'
import { shareOf } from './proofs'
import { ask, idSlotsOf, type Asked, type IdSlot, type Route } from './id-slots'

export interface Actor {
  name: string
  /** Nobody, somebody of the partner that the ids belong to, or somebody of another one */
  is: 'nobody' | 'colleague' | 'stranger'
  role: 'member' | 'admin'
  /** A Cookie header that has not been used yet, or none */
  cookie(): Promise<string>
}

export interface MatrixOptions {
  url: string
  routes: Route[]
  actors: Actor[]
  /** The partner's ids, by what they name */
  ids: Record<string, string>
  /**
   * The path under which, and below which, an id is right for its own partner: `/api/v1/leads/:id`
   * → lead
   */
  rightFor: Record<string, string>
  /** The partner's cursors, by list */
  cursors: Record<string, string>
  /** Records of the strangers' own partner, by route */
  strangersOwn: Record<string, string>
  /** Stands in everything of the partner */
  canary: string
}

interface Reply {
  status: number
  code: string | undefined
  /** Without what differs from request to request */
  text: string
  raw: string
}

async function send(
  url: string,
  method: string,
  { path, json }: Asked,
  cookie: string,
): Promise<Reply> {
  const abort = new AbortController()
  const answer = await fetch(`${url}${path}`, {
    method,
    redirect: 'manual',
    signal: abort.signal,
    headers: {
      ...(cookie ? { cookie } : {}),
      ...(json ? { 'content-type': 'application/json' } : {}),
    },
    body: json && JSON.stringify(json),
  })
  let raw: string
  if (answer.headers.get('content-type')?.startsWith('text/event-stream')) {
    const first = await answer.body?.getReader().read()
    raw = new TextDecoder().decode(first?.value)
    abort.abort()
  } else {
    raw = await answer.text()
  }
  const code = /"code":"([^"]+)","correlationId"/.exec(raw)?.[1]
  return { status: answer.status, code, text: raw.replace(/"correlationId":"[^"]+"/g, ''), raw }
}

/** What is wrong with an answer, by the policy; `null` when nothing is. */
function judge(
  route: Route,
  actor: Actor,
  slot: IdSlot | null,
  reply: Reply,
  { isRight, twin }: { isRight: boolean; twin: Reply | null },
): string | null {
  const { status, code } = reply
  const wanted = (expected: number, expectedCode?: string) =>
    status === expected && (expectedCode === undefined || code === expectedCode)
      ? null
      : `answers ${status} ${code ?? ''} instead of ${expected} ${expectedCode ?? ''}`
  if (status >= 500) return `answers ${status}`
  if (route.role === 'probe') return wanted(200)
  if (route.role === 'signature') return wanted(401, 'invalid_signature')
  if (route.role === 'anyone') return status === 200 ? 'answers 200' : null
  if (actor.is === 'nobody') return wanted(401, 'not_signed_in')
  if (route.role === 'admin' && actor.role === 'member') return wanted(403, 'forbidden')
  if (actor.is === 'stranger') {
    if (slot?.place === 'path')
      return (
        wanted(404, 'not_found') ??
        (reply.text === twin?.text ? null : 'differs from an id that does not exist')
      )
    if (slot?.place === 'cursor') return wanted(422, 'validation_failed')
    if (slot?.place === 'body' && status < 400) return 'is taken'
    if (slot)
      return status === twin?.status && reply.text === twin.text
        ? null
        : 'differs from an id that does not exist'
  } else if (slot?.place === 'path') {
    return isRight
      ? status < 300
        ? null
        : `answers ${status} to its own partner`
      : wanted(404, 'not_found')
  }
  return status === 401 || status === 403 ? `answers ${status} to somebody who may` : null
}

/**
 * Every route × every place an id can stand in it × every id × everybody, against what the policy
 * says: one request each, and a twin with an id that does not exist where the two answers must be
 * the same. In the short form those who are not signed in try one id at each place.
 * @returns how many requests were judged, and what is wrong
 */
export async function tenantMatrix({
  url,
  routes,
  actors,
  ids,
  rightFor,
  cursors,
  strangersOwn,
  canary,
}: MatrixOptions): Promise<{ tried: number; slots: number; findings: string[] }> {
  const findings: string[] = []
  let tried = 0
  let slots = 0
  let place = 0
  for (const route of routes) {
    const places: (IdSlot | null)[] = [null, ...idSlotsOf(route)]
    slots += places.length - 1
    for (const slot of places) {
      const values: Record<string, string> =
        slot === null
          ? { none: '' }
          : slot.place === 'cursor'
            ? { cursor: cursors[route.path] ?? '' }
            : ids
      for (const actor of actors) {
        const kinds = Object.keys(values)
        // Whoever is not signed in is refused whatever the id: one of them each, in turn.
        const share = actor.is === 'nobody' ? shareOf(kinds, place++, kinds.length) : kinds
        const unknown = new ObjectId().toHexString()
        const comparesWithTwin = actor.is === 'stranger' && slot !== null && slot.place !== 'cursor'
        const twin = comparesWithTwin
          ? await send(
              url,
              route.method,
              ask(route, slot, unknown, strangersOwn),
              await actor.cookie(),
            )
          : null
        if (twin) twin.text = twin.text.replaceAll(unknown, '')
        for (const what of share) {
          const value = values[what] ?? ''
          tried++
          const asked = ask(route, slot, value, actor.is === 'stranger' ? strangersOwn : {})
          const reply = await send(url, route.method, asked, await actor.cookie())
          // What the caller sent may come back.
          if (value !== '') reply.text = reply.text.replaceAll(value, '')
          const wrong =
            judge(route, actor, slot, reply, {
              // With a second id in the path, one of the two is never right.
              isRight:
                (route.path.match(/\/:/g) ?? []).length < 2 &&
                Object.entries(rightFor).some(
                  ([path, kind]) => kind === what && `${route.path}/`.startsWith(`${path}/`),
                ),
              twin,
            }) ??
            (actor.is !== 'colleague' && reply.raw.includes(canary)
              ? 'shows something of the partner'
              : null)
          if (wrong)
            findings.push(
              `${route.method} ${route.path}, ${slot ? `${what} in ${slot.place} ${slot.name}` : 'as it is'}, ${actor.name}: ${wrong}`,
            )
        }
      }
    }
  }
  return { tried, slots, findings }
}
