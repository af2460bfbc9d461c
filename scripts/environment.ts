import { existsSync } from 'node:fs'
import process from 'node:process'
import { resolveEnvironment } from '../server/config/environment'

/**
 * The variables of this shell and of `.env`, where there is one: also those given as a file or by
 * the guide's names. Problems are told apart, so that a command can print them all at once.
 */
export function scriptEnvironment(): {
  values: Record<string, string | undefined>
  problems: string[]
} {
  if (existsSync('.env')) process.loadEnvFile('.env')
  return resolveEnvironment(process.env)
}
