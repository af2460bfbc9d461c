import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EncryptionKey } from '../../../server/config/configuration'
import { rotateKeys } from '../../../server/connection/key-rotation'
import { createCipher } from '../../../server/database/encryption'
import { keepOutput } from '../../support/canary'
import { startConnectionApp, type ConnectionApp } from '../../support/connection'
import { k1, k2, populate, secretOf } from '../../support/sealed-partners'
import { present } from '../../support/present'

let app: ConnectionApp
beforeAll(async () => {
  app = await startConnectionApp()
})
afterAll(() => app.stop())

const partners = () => app.services.database.collections.partners
const text = (...keys: EncryptionKey[]) =>
  keys.map(({ id, secret }) => `${id}:${secret.toString('base64')}`).join(',')

/** `npm run keys:rotate` */
function rotateCommand(keys: string, args: string[] = []) {
  const child = spawn(
    process.execPath,
    [
      '--import',
      'tsx',
      fileURLToPath(new URL('../../../scripts/keys-rotate.ts', import.meta.url)),
      ...args,
    ],
    {
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        VITEST: '',
        NUXT_MONGODB_URI: app.database.uri,
        NUXT_MONGODB_DATABASE: app.database.database,
        NUXT_TOKEN_ENCRYPTION_KEYS: keys,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  keepOutput(child, 'keys-rotate')
  const lines: string[] = []
  let onLine = () => {}
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', line => {
      lines.push(line)
      onLine()
    })
  return {
    child,
    lines,
    firstLine: new Promise<void>(resolve => {
      onLine = resolve
    }),
    ended: new Promise<number | null>(resolve => child.once('close', code => resolve(code))),
  }
}

describe('rotating the keys', () => {
  test('goes on after a kill, under readers and refreshes, and makes the old key removable', async () => {
    const ids = await populate(app, 1000)
    const both = createCipher([k2, k1])
    let [reads, failed, stop] = [0, 0, false]
    const reader = (async () => {
      while (!stop) {
        const id = present(ids[Math.floor(Math.random() * ids.length)])
        const integration = present((await partners().findOne({ _id: id }))?.hubspot_integration)
        for (const field of ['access_token', 'refresh_token'] as const) {
          reads++
          if (
            both.open(present(integration[field]), { partnerId: id.toHexString(), field }) !==
            secretOf(id, field)
          )
            failed++
        }
        // A refresh at the same time replaces what the rotation has read.
        await partners().updateOne(
          { _id: id },
          {
            $set: {
              'hubspot_integration.access_token': both.seal(secretOf(id, 'access_token'), {
                partnerId: id.toHexString(),
                field: 'access_token',
              }),
            },
          },
        )
      }
    })()
    const killed = rotateCommand(text(k2, k1))
    await killed.firstLine
    killed.child.kill('SIGKILL')
    expect(await killed.ended).toBeNull()
    const before = await rotateKeys({
      collections: app.services.database.collections,
      cipher: both,
      verify: true,
    })
    expect(before.byKey.k1).toBeGreaterThan(0)
    expect(before.byKey.k2).toBeGreaterThan(0)

    const again = rotateCommand(text(k2, k1))
    expect(await again.ended, again.lines.join('\n')).toBe(0)
    stop = true
    await reader
    expect(failed).toBe(0)
    expect(
      await app.services.database.collections.auditLog.find({ action: 'keys.rotated' }).toArray(),
    ).toEqual([expect.objectContaining({ outcome: 'ok', target: 'k2' })])
    console.info(`rotation: 2,100 values, ${reads} reads meanwhile, 0 failed`)
    expect(await rotateCommand(text(k2), ['--verify']).ended).toBe(0)
    const report = await rotateKeys({
      collections: app.services.database.collections,
      cipher: createCipher([k2]),
      verify: true,
    })
    expect(report).toMatchObject({ partners: 1000, unreadable: [], byKey: { k2: 2100 } })
    for (const id of ids.slice(0, 50)) {
      const { access_token } = present((await partners().findOne({ _id: id }))?.hubspot_integration)
      expect(
        createCipher([k2]).open(present(access_token), {
          partnerId: id.toHexString(),
          field: 'access_token',
        }),
      ).toBe(secretOf(id, 'access_token'))
    }
  }, 240_000)

  test('says what is missing and touches nothing', async () => {
    await populate(app, 3)
    const dump = JSON.stringify(await partners().find().toArray())
    for (const [keys, words] of [
      ['', 'NUXT_TOKEN_ENCRYPTION_KEYS'],
      ['k1:short', '32 bytes'],
      [text(k2), 'unknown_key'],
    ] as const) {
      const run = rotateCommand(keys)
      expect(await run.ended).toBe(1)
      expect(run.lines.join('\n')).toContain(words)
    }
    expect(JSON.stringify(await partners().find().toArray())).toBe(dump)
  })
})
