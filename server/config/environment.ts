import { readFileSync } from 'node:fs'

type Environment = Readonly<Record<string, string | undefined>>

/** The variables of `.env.example` and where Nitro's runtime config keeps each. */
const variables = {
  NUXT_MONGODB_URI: 'mongodbUri',
  NUXT_MONGODB_DATABASE: 'mongodbDatabase',
  NUXT_AUTH_JWT_SECRET: 'authJwtSecret',
  NUXT_TOKEN_ENCRYPTION_KEYS: 'tokenEncryptionKeys',
  NUXT_PUBLIC_HUBSPOT_CLIENT_ID: 'public.hubspotClientId',
  NUXT_HUBSPOT_CLIENT_SECRET: 'hubspotClientSecret',
  NUXT_PUBLIC_HUBSPOT_REDIRECT_URI: 'public.hubspotRedirectUri',
  NUXT_PUBLIC_HUBSPOT_AUTHORIZE_URL: 'public.hubspotAuthorizeUrl',
  NUXT_HUBSPOT_API_BASE_URL: 'hubspotApiBaseUrl',
  NUXT_HUBSPOT_API_VERSION: 'hubspotApiVersion',
  NUXT_HUBSPOT_WEBHOOK_URL: 'hubspotWebhookUrl',
  NUXT_HUBSPOT_SYNC_INTERVAL: 'hubspotSyncInterval',
  NUXT_HUBSPOT_REQUESTS_PER_TEN_SECONDS: 'hubspotRequestsPerTenSeconds',
  NUXT_HUBSPOT_SEARCHES_PER_SECOND: 'hubspotSearchesPerSecond',
  NUXT_HUBSPOT_TOKEN_ROUTE: 'hubspotTokenRoute',
  NUXT_TRUSTED_PROXIES: 'trustedProxies',
  NUXT_LOG_LEVEL: 'logLevel',
  NUXT_SMTP_URL: 'smtpUrl',
  NUXT_ALERT_FROM: 'alertFrom',
  NUXT_AUDIT_RETENTION_DAYS: 'auditRetentionDays',
  NUXT_NOTICE_WEBHOOK_ANYWHERE: 'noticeWebhookAnywhere',
} as const

/** Names of the user's guide, and the variable that each is called today. */
const guideNames = {
  HUBSPOT_CLIENT_ID: 'NUXT_PUBLIC_HUBSPOT_CLIENT_ID',
  HUBSPOT_CLIENT_SECRET: 'NUXT_HUBSPOT_CLIENT_SECRET',
  HUBSPOT_REDIRECT_URI: 'NUXT_PUBLIC_HUBSPOT_REDIRECT_URI',
} as const

/** The callback's path: the guide's `CLIENT_URL` gives the origin before it. */
const callbackPath = '/v1/integrations/hubspot/callback'

/** Variables that hold a secret: each may be given as a file, `NAME_FILE`. */
const secretNames = [
  'NUXT_MONGODB_URI',
  'NUXT_AUTH_JWT_SECRET',
  'NUXT_TOKEN_ENCRYPTION_KEYS',
  'NUXT_HUBSPOT_CLIENT_SECRET',
  'NUXT_SMTP_URL',
] as const

export interface ResolvedEnvironment {
  /** The variables by today's names, as `loadConfiguration` takes them */
  values: Record<string, string | undefined>
  /** Variables that were taken under another name, in words */
  hints: string[]
  /** What cannot be used, in words: names of variables, never values */
  problems: string[]
}

/**
 * Reads the other forms of the variables: files of secrets (`…_FILE`) and the names of the user's
 * guide.
 * @param readFile reads a text file; it throws where that fails
 */
export function resolveEnvironment(
  environment: Environment,
  readFile: (path: string) => string = path => readFileSync(path, 'utf8'),
): ResolvedEnvironment {
  const values: Record<string, string | undefined> = { ...environment }
  const hints: string[] = []
  const problems: string[] = []
  const given = (name: string) => values[name]?.trim() || undefined

  for (const name of secretNames) {
    const path = given(`${name}_FILE`)
    if (path === undefined) continue
    try {
      const text = readFile(path).trim()
      if (text === '') problems.push(`The file that ${name}_FILE names is empty.`)
      else if (given(name) !== undefined && given(name) !== text)
        problems.push(`${name} and ${name}_FILE are both set, and differ: set one of them.`)
      else values[name] = text
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? 'it could not be read'
      problems.push(`The file that ${name}_FILE names cannot be read (${reason}).`)
    }
  }
  for (const [old, name] of Object.entries(guideNames)) {
    const text = given(old)
    if (text === undefined) continue
    if (given(name) === undefined) {
      values[name] = text
      hints.push(`${old} is taken as ${name}.`)
    } else if (given(name) !== text)
      problems.push(`${old} and ${name} are both set, and differ: remove one of them.`)
  }
  const clientUrl = given('CLIENT_URL')?.replace(/\/+$/, '')
  const redirectUri = given('NUXT_PUBLIC_HUBSPOT_REDIRECT_URI')
  if (clientUrl !== undefined && redirectUri === undefined) {
    values.NUXT_PUBLIC_HUBSPOT_REDIRECT_URI = `${clientUrl}${callbackPath}`
    hints.push('CLIENT_URL is taken as the origin of NUXT_PUBLIC_HUBSPOT_REDIRECT_URI.')
  } else if (clientUrl !== undefined && originOf(redirectUri) !== originOf(clientUrl))
    problems.push(
      'CLIENT_URL and NUXT_PUBLIC_HUBSPOT_REDIRECT_URI name different origins: remove CLIENT_URL.',
    )
  return { values, hints, problems }
}

function originOf(url: string | undefined): string | null {
  return url !== undefined && URL.canParse(url) ? new URL(url).origin : null
}

/**
 * Brings environment and runtime config together, the environment first. Nitro reads the same
 * variables into the runtime config, but parses each on its way: a secret made of digits would come
 * back as a rounded number.
 * @param runtimeConfig what `useRuntimeConfig()` gives
 * @returns the variables by name, as `loadConfiguration` takes them
 */
export function environmentFrom(
  runtimeConfig: Record<string, unknown>,
  environment: Environment,
): Record<string, string | undefined> {
  const lookUp = (path: string): unknown =>
    path
      .split('.')
      .reduce<unknown>(
        (at, key) => (at as Record<string, unknown> | undefined)?.[key],
        runtimeConfig,
      )
  return Object.fromEntries(
    Object.entries(variables).map(([name, path]) => {
      const given = environment[name]?.trim()
      const configured = lookUp(path)
      return [
        name,
        given || (configured === undefined || configured === null ? undefined : String(configured)),
      ]
    }),
  )
}
