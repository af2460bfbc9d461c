import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { scanFor } from '../support/canary-scan'

const secret = 'cnry0a1b2c3d'
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'canary-'))
  mkdirSync(join(folder, 'below'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const scan = () => scanFor({ token: secret }, [folder, join(folder, 'not-there')])

test.each([
  ['plain', `Bearer ${secret}-rest`],
  ['in a URL', `?token=${encodeURIComponent(`a/${secret}`)}`],
  ['hexadecimal', Buffer.from(`x${secret}`).toString('hex')],
  ['in base64', Buffer.from(`${secret}-rest`).toString('base64')],
  ['in base64, one letter on', Buffer.from(`a${secret}-rest`).toString('base64')],
  ['in base64, two letters on', Buffer.from(`{"${secret}"}`).toString('base64')],
  ['in base64url', Buffer.from(`>>?${secret}`).toString('base64url')],
])('a secret is found %s', (_how, text) => {
  writeFileSync(join(folder, 'below', 'app.log'), `first line\n{"msg":"${text}"}\n`)
  writeFileSync(join(folder, 'clean.log'), 'nothing here\n')
  const { files, found } = scan()
  expect(files).toBe(2)
  expect(found.length).toBeGreaterThan(0)
  expect(
    found.every(find => find.includes(join('below', 'app.log')) && !find.includes(secret)),
  ).toBe(true)
})

test('what holds none is counted and clean', () => {
  writeFileSync(join(folder, 'app.log'), 'x'.repeat(1000))
  expect(scan()).toMatchObject({ files: 1, bytes: 1000, found: [] })
})
