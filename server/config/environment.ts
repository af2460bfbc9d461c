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
} as const

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
