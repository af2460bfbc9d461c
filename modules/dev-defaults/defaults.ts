import { join } from 'node:path'
import { resolveEnvironment } from '../../server/config/environment'
import { developmentSecrets } from './secrets'

/**
 * Variables that stand in for what is not configured, in dev and preview. The database and
 * HubSpot's addresses come from their own modules.
 */
export function developmentDefaults(rootDir: string, port: number): Record<string, string> {
  const secrets = developmentSecrets(join(rootDir, '.data', 'dev-secrets.json'))
  return {
    NUXT_AUTH_JWT_SECRET: secrets.jwtSecret,
    NUXT_TOKEN_ENCRYPTION_KEYS: secrets.encryptionKeys,
    NUXT_PUBLIC_HUBSPOT_REDIRECT_URI: `http://localhost:${port}/v1/integrations/hubspot/callback`,
    NUXT_HUBSPOT_TOKEN_ROUTE: 'true',
    // Nitro parses what looks like JSON: encoded twice, the page gets the text that it expects.
    NUXT_PUBLIC_DEMO_ACCOUNTS: JSON.stringify(JSON.stringify(secrets.demoAccounts)),
  }
}

/**
 * Takes variables that are given under another name or as a file, so that nothing stands in for
 * them. What cannot be used is left for the server, which says so.
 * @returns what was taken, in words
 */
export function adoptOtherNames(environment: NodeJS.ProcessEnv = process.env): string[] {
  const { values, hints, problems } = resolveEnvironment(environment)
  if (problems.length > 0) return []
  for (const [name, value] of Object.entries(values))
    if (value !== undefined) environment[name] = value
  return hints
}

/** Sets what is not set. @returns the names that were */
export function applyDefaults(
  defaults: Record<string, string>,
  environment: NodeJS.ProcessEnv = process.env,
): string[] {
  const applied = Object.keys(defaults).filter(name => !environment[name]?.trim())
  for (const name of applied) environment[name] = defaults[name]
  return applied
}

/**
 * The port that the command line or the environment asks for: Nuxt's own option may not know of it
 * yet. The redirect URI names it.
 */
export function portAsked(): number | undefined {
  const { argv, env } = process
  const at = argv.findIndex(word => word === '--port' || word === '-p')
  const text =
    at >= 0
      ? argv[at + 1]
      : (argv.find(word => word.startsWith('--port='))?.slice('--port='.length) ??
        env.NUXT_PORT ??
        env.PORT)
  return text !== undefined && /^[1-9]\d{0,4}$/.test(text) ? Number(text) : undefined
}
