import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { canaries, rootDir } from '../support/build'

const needles = [
  ...Object.values(canaries),
  'CANARY',
  Buffer.from('CANARY-encryption-key').toString('base64').slice(0, 20),
]

/** @returns files of a folder that hold one of the texts */
function filesWith(folder: string, texts: string[]): { searched: number; found: string[] } {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
  const found = files.filter(file => {
    const content = readFileSync(file)
    return texts.some(text => content.includes(text))
  })
  return { searched: files.length, found }
}

describe('the production build', () => {
  it('was made with every secret set, and holds none of them', () => {
    const { searched, found } = filesWith(join(rootDir, '.output'), needles)
    expect(searched).toBeGreaterThan(50)
    expect(found).toEqual([])
  })

  it('holds nothing of the simulator, the embedded engine or the dev defaults', () => {
    expect(
      filesWith(join(rootDir, '.output'), [
        '/_control/',
        'embedded-mongodb',
        'dev-secrets.json',
        'admin@demo.test',
      ]).found,
    ).toEqual([])
  })

  it('would be caught holding one', () => {
    const folder = mkdtempSync(join(tmpdir(), 'canary-'))
    writeFileSync(
      join(folder, 'chunk.mjs'),
      `const config = {"smtpUrl":"${canaries.NUXT_SMTP_URL}"}`,
    )
    expect(filesWith(folder, needles).found).toHaveLength(1)
    rmSync(folder, { recursive: true })
  })

  it('serves no source maps', () => {
    expect(
      readdirSync(join(rootDir, '.output', 'public'), { recursive: true }).filter(name =>
        String(name).endsWith('.map'),
      ),
    ).toEqual([])
  })
})
