/**
 * Takes secrets out of text before it is logged: by shape (bearer tokens, JWTs, HubSpot's tokens,
 * codes and states in URLs) and by value (secrets that the process registered). The log's
 * allow-list of fields comes first; this is the second wall.
 */

const shapes: [RegExp, string][] = [
  [/\bpck_[\w-]{20,}/g, '[service-key]'],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, '[jwt]'],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, '$1 [redacted]'],
  [/\b(na|eu|ap)\d{1,2}-[\w-]{12,}/g, '[hubspot-token]'],
  [/\b(C[A-Z]|pat-)[\w-]{60,}/g, '[hubspot-token]'],
  [/\bv\d\.[\w-]{1,32}\.[\w-]{16}\.[\w-]{22}\.[\w-]+/g, '[envelope]'],
  [
    /([?&#](?:code|state|token|access_token|refresh_token|client_secret|password|session)=)[^&#\s"']+/gi,
    '$1[redacted]',
  ],
  [
    /("(?:code|state|token|access_token|refresh_token|client_secret|password|authorization|cookie)"\s*:\s*")[^"]*/gi,
    '$1[redacted]',
  ],
  [/(mongodb(?:\+srv)?:\/\/[^:/@\s]+:)[^@\s]+@/g, '$1[redacted]@'],
  [/(smtps?:\/\/[^:/@\s]+:)[^@\s]+@/g, '$1[redacted]@'],
]

export interface Redactor {
  /**
   * From now on this exact value is replaced wherever it appears. Values under 8 characters are
   * ignored.
   */
  register(secret: string): void
  redact(text: string): string
}

const maxTextLength = 2000
/**
 * Looked at before the text is cut: a secret that the cut would split is still whole then, and what
 * reaches past this is cut away.
 */
const maxLookedAt = 4 * maxTextLength

export function createRedactor(): Redactor {
  const secrets = new Set<string>()
  return {
    register(secret) {
      if (secret.length >= 8) secrets.add(secret)
    },
    redact(text) {
      let clean = text.slice(0, maxLookedAt)
      for (const secret of secrets)
        if (clean.includes(secret)) clean = clean.replaceAll(secret, '[secret]')
      for (const [shape, replacement] of shapes) clean = clean.replace(shape, replacement)
      return clean.length > maxTextLength || text.length > maxLookedAt
        ? `${clean.slice(0, maxTextLength)}…`
        : clean
    },
  }
}
