import { z } from 'zod'
import { parseUrl, redirectUriProblem, remoteUrlProblem } from './url-rules'

/** HubSpot's dated API releases that the app speaks. */
export const apiVersions = ['2026-09', '2026-03'] as const
export type ApiVersion = (typeof apiVersions)[number]

export interface EncryptionKey {
  id: string
  /** 32 bytes */
  secret: Buffer
}

/**
 * What the server runs on, checked once at start. Instants and intervals in the unit that the name
 * says.
 */
export interface Configuration {
  mongodb: { uri: string; database: string }
  /** Signs sessions */
  jwtSecret: Uint8Array
  /** Signed sessions before the last change of secret; they still count */
  formerJwtSecrets: Uint8Array[]
  /** The first one encrypts, all decrypt */
  encryptionKeys: EncryptionKey[]
  hubspot: {
    clientId: string
    clientSecret: string
    /** Other secrets that HubSpot may sign with while the secret is changed */
    formerClientSecrets: string[]
    redirectUri: string
    authorizeUrl: string
    apiBaseUrl: string
    apiVersion: ApiVersion
    /** The exact public URL that HubSpot calls; part of what it signs */
    webhookUrl: string
    syncIntervalSeconds: number
    requestsPerTenSeconds: number
    searchesPerSecond: number
    tokenRoute: boolean
  }
  /** Scheme, host and port of the app itself: the redirect URI's origin */
  origin: string
  /** Number of proxies in front whose `X-Forwarded-For` counts */
  trustedProxies: number
  logLevel: LogLevel
  alerts: {
    smtpUrl: string | null
    from: string | null
    /** Partners' own addresses may be private ones, and http (development) */
    webhookAnywhere: boolean
  }
  /** How long lines of the audit log are kept */
  auditRetentionDays: number
}

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** Everything wrong with the configuration, in plain words. Names variables, never values. */
export class ConfigurationError extends Error {
  constructor(readonly problems: string[]) {
    super(
      `The configuration is not usable:\n${problems.map(problem => `  - ${problem}`).join('\n')}`,
    )
    this.name = 'ConfigurationError'
  }
}

type Environment = Readonly<Record<string, string | undefined>>

/** A value made of sample words only, such as the ones of a README */
const sampleSecret =
  /^((secret|change-?me|password|passw0rd|example|sample|test|your|jwt|here|key|me|my)[-_ ]?)+\d*$/i

/**
 * Reads `id:base64[,id:base64]`.
 * @param problems what is wrong is added here, naming the variable and never a value
 */
export function parseEncryptionKeys(text: string, problems: string[]): EncryptionKey[] {
  const name = 'NUXT_TOKEN_ENCRYPTION_KEYS'
  const keys: EncryptionKey[] = []
  for (const [index, part] of text.split(',').entries()) {
    const match = /^\s*([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/]+={0,2})\s*$/.exec(part)
    const which = `${name}, key ${index + 1}`
    if (!match?.[1] || !match[2]) {
      problems.push(
        `${which} must read id:base64 (id of letters, digits, - and _; 32 bytes in base64).`,
      )
      continue
    }
    const secret = Buffer.from(match[2], 'base64')
    if (secret.length !== 32 || secret.toString('base64') !== match[2])
      problems.push(
        `${which} must be exactly 32 bytes in base64 (make one with: openssl rand -base64 32).`,
      )
    else if (new Set(secret).size < 5)
      problems.push(`${which} is not random (make one with: openssl rand -base64 32).`)
    else if (keys.some(key => key.id === match[1]))
      problems.push(`${which} repeats the id of another key.`)
    else if (keys.some(key => key.secret.equals(secret)))
      problems.push(`${which} repeats the value of another key.`)
    else keys.push({ id: match[1], secret })
  }
  return keys
}

/**
 * Reads and checks the whole configuration.
 * @param environment the variables of `.env.example`, by name; empty counts as unset
 * @param knownProblems what reading the environment found already (`resolveEnvironment`)
 * @returns what the server runs on
 * @throws {ConfigurationError} with everything that is missing or malformed, at once
 */
export function loadConfiguration(
  environment: Environment,
  knownProblems: readonly string[] = [],
): Configuration {
  const problems: string[] = [...knownProblems]
  const value = (name: string): string | undefined => {
    const text = environment[name]?.trim()
    return text === '' ? undefined : text
  }
  const required = (name: string, what: string): string => {
    const text = value(name)
    if (text === undefined) problems.push(`${name} is missing: ${what}.`)
    return text ?? ''
  }
  const note = (problem: string | null) => {
    if (problem !== null) problems.push(problem)
  }
  const whole = (name: string, fallback: number, min: number, max: number): number => {
    const text = value(name)
    if (text === undefined) return fallback
    const parsed = z
      .string()
      .regex(/^\d{1,9}$/)
      .transform(Number)
      .pipe(z.number().min(min).max(max))
      .safeParse(text)
    if (!parsed.success) problems.push(`${name} must be a whole number from ${min} to ${max}.`)
    return parsed.data ?? fallback
  }
  const oneOf = <T extends string>(name: string, allowed: readonly T[], fallback: T): T => {
    const text = value(name)
    const found = allowed.find(item => item === text)
    if (text !== undefined && found === undefined)
      problems.push(`${name} must be one of: ${allowed.join(', ')}.`)
    return found ?? fallback
  }

  const mongodbUri = required(
    'NUXT_MONGODB_URI',
    'where the MongoDB server is, such as mongodb://user:password@host/?replicaSet=rs0',
  )
  if (mongodbUri && !/^mongodb(\+srv)?:\/\/[^/?\s]+/.test(mongodbUri))
    problems.push('NUXT_MONGODB_URI must begin with mongodb:// or mongodb+srv:// and name a host.')
  const database = value('NUXT_MONGODB_DATABASE') ?? 'partner-connector'
  if (!/^[A-Za-z0-9_-]{1,63}$/.test(database))
    problems.push('NUXT_MONGODB_DATABASE may hold letters, digits, - and _ only (63 at most).')

  /** A list: the first one signs, all are accepted. */
  const secrets = (name: string, what: string): [string, ...string[]] => {
    const [first = '', ...rest] = required(name, what)
      .split(',')
      .map(part => part.trim())
    if (rest.includes('') || (first === '' && rest.length > 0))
      problems.push(`${name} has an empty place in its list.`)
    return [first, ...rest.filter(part => part !== '')]
  }
  const jwtSecrets = secrets(
    'NUXT_AUTH_JWT_SECRET',
    'at least 32 random bytes that sign the sessions (make them with: openssl rand -base64 48)',
  )
  for (const [index, secret] of jwtSecrets.entries()) {
    const which =
      jwtSecrets.length === 1 ? 'NUXT_AUTH_JWT_SECRET' : `NUXT_AUTH_JWT_SECRET, secret ${index + 1}`
    if (secret && Buffer.byteLength(secret) < 32)
      problems.push(
        `${which} is too short: at least 32 ` +
          `bytes${jwtSecrets.length > 1 ? ' (a comma separates two secrets)' : ''}.`,
      )
    else if (secret && (sampleSecret.test(secret) || new Set(secret).size < 8))
      problems.push(`${which} is not random (make one with: openssl rand -base64 48).`)
  }
  const [jwtSecret, ...formerJwtSecrets] = jwtSecrets

  const keysText = required(
    'NUXT_TOKEN_ENCRYPTION_KEYS',
    'the keys that HubSpot tokens are sealed with, id:base64[,id:base64]',
  )
  const encryptionKeys = keysText ? parseEncryptionKeys(keysText, problems) : []
  if (encryptionKeys.some(key => jwtSecrets.includes(key.secret.toString('base64'))))
    problems.push('NUXT_AUTH_JWT_SECRET and NUXT_TOKEN_ENCRYPTION_KEYS must not share a secret.')

  const clientId = required(
    'NUXT_PUBLIC_HUBSPOT_CLIENT_ID',
    'the client id of the HubSpot app (project > app > Auth tab)',
  )
  if (/\s/.test(clientId))
    problems.push('NUXT_PUBLIC_HUBSPOT_CLIENT_ID must not contain white space.')
  const clientSecrets = secrets(
    'NUXT_HUBSPOT_CLIENT_SECRET',
    'the client secret of the HubSpot app (project > app > Auth tab)',
  )
  const [clientSecret, ...formerClientSecrets] = clientSecrets
  if (clientSecrets.some(secret => /\s/.test(secret)))
    problems.push('NUXT_HUBSPOT_CLIENT_SECRET must not contain white space.')
  if (clientSecrets.some(secret => secret && jwtSecrets.includes(secret)))
    problems.push('NUXT_AUTH_JWT_SECRET and NUXT_HUBSPOT_CLIENT_SECRET must not share a secret.')

  const redirectUri = required(
    'NUXT_PUBLIC_HUBSPOT_REDIRECT_URI',
    'the public address of /v1/integrations/hubspot/callback, as registered in the HubSpot app',
  )
  if (redirectUri) note(redirectUriProblem(redirectUri))
  const authorizeUrl =
    value('NUXT_PUBLIC_HUBSPOT_AUTHORIZE_URL') ?? 'https://app.hubspot.com/oauth/authorize'
  note(remoteUrlProblem('NUXT_PUBLIC_HUBSPOT_AUTHORIZE_URL', authorizeUrl))
  const apiBaseUrl = (value('NUXT_HUBSPOT_API_BASE_URL') ?? 'https://api.hubapi.com').replace(
    /\/+$/,
    '',
  )
  note(remoteUrlProblem('NUXT_HUBSPOT_API_BASE_URL', apiBaseUrl))
  const origin = parseUrl(redirectUri)?.origin ?? ''
  const webhookUrl = value('NUXT_HUBSPOT_WEBHOOK_URL') ?? `${origin}/v1/leads/webhooks/hubspot`
  if (value('NUXT_HUBSPOT_WEBHOOK_URL') !== undefined)
    note(remoteUrlProblem('NUXT_HUBSPOT_WEBHOOK_URL', webhookUrl))

  const smtpUrl = value('NUXT_SMTP_URL') ?? null
  if (smtpUrl !== null && !/^smtps?:\/\/\S+$/.test(smtpUrl))
    problems.push('NUXT_SMTP_URL must begin with smtp:// or smtps://.')
  const from = value('NUXT_ALERT_FROM') ?? null
  if (smtpUrl !== null && from === null)
    problems.push(
      'NUXT_ALERT_FROM is missing: the sender address of alerts (needed with NUXT_SMTP_URL).',
    )

  const configuration: Configuration = {
    mongodb: { uri: mongodbUri, database },
    jwtSecret: new TextEncoder().encode(jwtSecret),
    formerJwtSecrets: formerJwtSecrets.map(secret => new TextEncoder().encode(secret)),
    encryptionKeys,
    hubspot: {
      clientId,
      clientSecret,
      formerClientSecrets,
      redirectUri,
      authorizeUrl,
      apiBaseUrl,
      apiVersion: oneOf('NUXT_HUBSPOT_API_VERSION', apiVersions, '2026-09'),
      webhookUrl,
      syncIntervalSeconds: whole('NUXT_HUBSPOT_SYNC_INTERVAL', 300, 1, 86_400),
      requestsPerTenSeconds: whole('NUXT_HUBSPOT_REQUESTS_PER_TEN_SECONDS', 110, 1, 10_000),
      searchesPerSecond: whole('NUXT_HUBSPOT_SEARCHES_PER_SECOND', 5, 1, 1000),
      tokenRoute: oneOf('NUXT_HUBSPOT_TOKEN_ROUTE', ['true', 'false'], 'false') === 'true',
    },
    origin,
    trustedProxies: whole('NUXT_TRUSTED_PROXIES', 0, 0, 10),
    logLevel: oneOf('NUXT_LOG_LEVEL', logLevels, 'info'),
    alerts: {
      smtpUrl,
      from,
      webhookAnywhere: oneOf('NUXT_NOTICE_WEBHOOK_ANYWHERE', ['true', 'false'], 'false') === 'true',
    },
    auditRetentionDays: whole('NUXT_AUDIT_RETENTION_DAYS', 730, 30, 3650),
  }
  if (problems.length > 0) throw new ConfigurationError(problems)
  return configuration
}
