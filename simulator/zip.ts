import { crc32, deflateRawSync } from 'node:zlib'

interface ZipEntry {
  name: string
  content: Buffer
}

const uint16 = (value: number) => {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(value)
  return bytes
}
const uint32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

/** A zip archive of a few files, each below 4 GiB (PKWARE APPNOTE 4.3; names in UTF-8). */
export function zip(entries: readonly ZipEntry[]): Buffer {
  const files: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, content } of entries) {
    const packed = deflateRawSync(content)
    const title = Buffer.from(name)
    // Version 2.0, UTF-8 names, deflate, 1980-01-01 00:00.
    const common = Buffer.concat([
      ...[20, 0x0800, 8, 0, 33].map(uint16),
      ...[crc32(content), packed.length, content.length].map(uint32),
      ...[title.length, 0].map(uint16),
    ])
    const local = Buffer.concat([uint32(0x04034b50), common, title, packed])
    const place = Buffer.concat([...[0, 0, 0].map(uint16), ...[0, offset].map(uint32)])
    directory.push(Buffer.concat([uint32(0x02014b50), uint16(20), common, place, title]))
    files.push(local)
    offset += local.length
  }
  const listed = Buffer.concat(directory)
  const end = Buffer.concat([
    uint32(0x06054b50),
    ...[0, 0, entries.length, entries.length].map(uint16),
    ...[listed.length, offset].map(uint32),
    uint16(0),
  ])
  return Buffer.concat([...files, listed, end])
}
