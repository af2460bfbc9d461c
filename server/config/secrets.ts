import type { Configuration } from './configuration'

/** @returns every secret of the configuration as text: none of them may reach the log */
export function secretsOf(configuration: Configuration): string[] {
  const { hubspot, jwtSecret, formerJwtSecrets, encryptionKeys } = configuration
  return [
    hubspot.clientSecret,
    ...hubspot.formerClientSecrets,
    ...[jwtSecret, ...formerJwtSecrets].map(secret => new TextDecoder().decode(secret)),
    ...encryptionKeys.map(key => key.secret.toString('base64')),
  ]
}
