/** Pages that sign-in may lead to. Anything else, above all another site, is refused. */
const pages = ['/leads', '/settings/hubspot', '/settings/hubspot/mapping', '/settings/hubspot/activity', '/settings/hubspot/health']

/**
 * @param next value of `?next=`, as anybody may have written it
 * @returns a path of ours with its query, or `null`
 */
export function safeNext(next: unknown): string | null {
  if (typeof next !== 'string' || next.length > 4096) return null
  const [path = '', query = ''] = next.split('#')[0]?.split(/\?(.*)/s) ?? []
  if (!pages.includes(path)) return null
  // eslint-disable-next-line no-control-regex -- exactly these must not get into an address
  if (/[\u0000-\u0020\\]/.test(query)) return null
  return query === '' ? path : `${path}?${query}`
}
