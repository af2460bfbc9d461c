import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

export interface ScanResult {
  files: number
  bytes: number
  /** Spellings of secrets that were looked for */
  sought: number
  /** File and spelling of each find; never the secret itself */
  found: string[]
}

/**
 * How a text stands in base64, at each of the three places it can have there, without the letters
 * that its neighbours share.
 */
function inBase64(text: string): string[] {
  return [0, 1, 2].flatMap(before => {
    const encoded = Buffer.from('\u0000'.repeat(before) + text, 'latin1')
      .toString('base64')
      .replace(/=+$/, '')
    const from = Math.ceil((before * 8) / 6)
    const own = encoded.slice(from, Math.floor(((before + text.length) * 8) / 6))
    return [...new Set([own, own.replaceAll('+', '-').replaceAll('/', '_')])]
  })
}

/**
 * @returns the spellings under which a secret could stand somewhere: plain, in base64, URL-encoded,
 *   hexadecimal
 */
export function spellingsOf(secret: string): string[] {
  return [
    ...new Set([
      secret,
      ...inBase64(secret),
      encodeURIComponent(secret),
      Buffer.from(secret).toString('hex'),
    ]),
  ]
}

/**
 * Looks through every file below the folders.
 * @param secrets texts that must stand nowhere, by what they are
 */
export function scanFor(secrets: Record<string, string>, folders: string[]): ScanResult {
  const needles = Object.entries(secrets).flatMap(([name, secret]) =>
    spellingsOf(secret).map((text, index) => ({
      name: `${name}${index === 0 ? '' : ', encoded'}`,
      bytes: Buffer.from(text),
    })),
  )
  const result: ScanResult = { files: 0, bytes: 0, sought: needles.length, found: [] }
  for (const folder of folders.filter(existsSync)) {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const file = join(entry.parentPath, entry.name)
      const content = readFileSync(file)
      result.files++
      result.bytes += content.length
      for (const { name, bytes } of needles)
        if (content.includes(bytes)) result.found.push(`${name} in ${file}`)
    }
  }
  return result
}
