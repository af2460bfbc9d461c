/**
 * An instant as people of an account see it: `YYYY-MM-DD HH:MM` in its time zone
 * (docs/hubspot-platform.md#dates).
 * @param timeZone IANA name
 */
export function inZone(instant: string, timeZone: string): string {
  // Swedish writes dates as ISO 8601 does.
  return new Date(instant).toLocaleString('sv-SE', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'short',
  })
}
