import { EngineError } from './errors'

/**
 * The GLIBC version the engine was linked against, and the name prefix of the C23 aliases that
 * version introduced.
 */
const tooNewVersion = 'GLIBC_2.38'
const c23Prefix = '__isoc23_'
/** `vna_flags` bit: the loader carries on when this version is absent. */
const weakFlag = 2
const symbolEntryBytes = 24

interface Section {
  name: string
  offset: number
  size: number
  link: number
}
interface VersionNeed {
  name: string
  index: number
  flagsOffset: number
}

/**
 * Copy of a 64-bit little-endian ELF library that loads on a glibc older than 2.38.
 *
 * glibc 2.38 gave C23 behaviour to `strtol` and its family under `__isoc23_*` names, and a new
 * version of `fmod`; older systems have the same functions under the old name and version. Three
 * tables are touched and no byte moves: `.dynsym` (name offset past the prefix), `.gnu.version`
 * (oldest version of the same library) and `.gnu.version_r` (2.38 made optional). Applying it twice
 * changes nothing more.
 *
 * @throws {EngineError} `not_an_elf_file`; `unexpected_symbol` when the file needs something else
 *   from 2.38, which no older glibc has
 */
export function rebindToOlderGlibc(file: Buffer): Buffer {
  const elf = Buffer.from(file)
  const sections = readSections(elf)
  const symbols = section(sections, '.dynsym')
  const symbolVersions = section(sections, '.gnu.version')
  const names = sections[symbols.link]
  if (!names) throw notElf('its symbol table names no string table')

  const oldestOf = new Map<number, number>()
  for (const needs of readVersionNeeds(elf, section(sections, '.gnu.version_r'), names)) {
    const tooNew = needs.find(need => need.name === tooNewVersion)
    const oldest = needs
      .filter(need => need !== tooNew)
      .sort((a, b) => compareVersions(a.name, b.name))[0]
    if (!tooNew) continue
    if (!oldest)
      throw new EngineError(
        'unexpected_symbol',
        `the engine needs ${tooNewVersion} and nothing older from one library`,
      )
    oldestOf.set(tooNew.index, oldest.index)
    elf.writeUInt16LE(elf.readUInt16LE(tooNew.flagsOffset) | weakFlag, tooNew.flagsOffset)
  }

  for (let i = 0; i < symbols.size / symbolEntryBytes; i += 1) {
    const versionOffset = symbolVersions.offset + 2 * i
    const oldest = oldestOf.get(elf.readUInt16LE(versionOffset))
    if (oldest === undefined) continue
    const entry = symbols.offset + symbolEntryBytes * i
    const nameOffset = elf.readUInt32LE(entry)
    const name = text(elf, names.offset + nameOffset)
    if (name.startsWith(c23Prefix)) elf.writeUInt32LE(nameOffset + c23Prefix.length, entry)
    else if (name !== 'fmod')
      throw new EngineError(
        'unexpected_symbol',
        `the engine needs ${name}@${tooNewVersion}, which this system's glibc does not have`,
      )
    elf.writeUInt16LE(oldest, versionOffset)
  }
  return elf
}

/** Symbols an ELF library still asks of `version`, by name. */
export function symbolsNeededFrom(elf: Buffer, version = tooNewVersion): string[] {
  const sections = readSections(elf)
  const symbols = section(sections, '.dynsym')
  const symbolVersions = section(sections, '.gnu.version')
  const names = sections[symbols.link]
  if (!names) throw notElf('its symbol table names no string table')
  const indexes = new Set(
    readVersionNeeds(elf, section(sections, '.gnu.version_r'), names)
      .flat()
      .filter(need => need.name === version)
      .map(need => need.index),
  )
  return Array.from({ length: symbols.size / symbolEntryBytes }, (_, i) => i)
    .filter(i => indexes.has(elf.readUInt16LE(symbolVersions.offset + 2 * i)))
    .map(i => text(elf, names.offset + elf.readUInt32LE(symbols.offset + symbolEntryBytes * i)))
}

function readSections(elf: Buffer): Section[] {
  const is64BitLittleEndian =
    elf.length > 64 && elf.readUInt32BE(0) === 0x7f454c46 && elf[4] === 2 && elf[5] === 1
  if (!is64BitLittleEndian) throw notElf('wrong magic number')
  const table = Number(elf.readBigUInt64LE(0x28))
  const entryBytes = elf.readUInt16LE(0x3a)
  const count = elf.readUInt16LE(0x3c)
  if (count === 0 || table + count * entryBytes > elf.length)
    throw notElf('its section table is cut off')
  const raw = Array.from({ length: count }, (_, i) => table + i * entryBytes).map(at => ({
    nameOffset: elf.readUInt32LE(at),
    offset: Number(elf.readBigUInt64LE(at + 24)),
    size: Number(elf.readBigUInt64LE(at + 32)),
    link: elf.readUInt32LE(at + 40),
  }))
  const nameTable = raw[elf.readUInt16LE(0x3e)]
  if (!nameTable) throw notElf('its sections have no names')
  return raw.map(({ nameOffset, ...rest }) => ({
    ...rest,
    name: text(elf, nameTable.offset + nameOffset),
  }))
}

/** `.gnu.version_r`: one list of needed versions for each library. */
function readVersionNeeds(elf: Buffer, table: Section, names: Section): VersionNeed[][] {
  const libraries: VersionNeed[][] = []
  for (let at = table.offset, next = -1; next !== 0; at += next) {
    const needs: VersionNeed[] = []
    let aux = at + elf.readUInt32LE(at + 8)
    for (let i = 0; i < elf.readUInt16LE(at + 2); i += 1) {
      needs.push({
        name: text(elf, names.offset + elf.readUInt32LE(aux + 8)),
        index: elf.readUInt16LE(aux + 6),
        flagsOffset: aux + 4,
      })
      aux += elf.readUInt32LE(aux + 12)
    }
    libraries.push(needs)
    next = elf.readUInt32LE(at + 12)
  }
  return libraries
}

function section(sections: Section[], name: string): Section {
  const found = sections.find(candidate => candidate.name === name)
  if (!found) throw notElf(`it has no ${name} section`)
  return found
}

function text(elf: Buffer, offset: number): string {
  return elf.toString('latin1', offset, elf.indexOf(0, offset))
}

/** Orders `GLIBC_2.2.5` before `GLIBC_2.38`. */
function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true })
}

function notElf(reason: string): EngineError {
  return new EngineError('not_an_elf_file', `not a 64-bit little-endian ELF library: ${reason}`)
}
