import { getRequestHeader, type H3Event } from 'h3'

/** @returns a header's value when it was sent exactly once */
export function singleHeader(event: H3Event, name: string): string | undefined {
  const value = getRequestHeader(event, name)
  return typeof value === 'string' && value !== '' ? value : undefined
}
