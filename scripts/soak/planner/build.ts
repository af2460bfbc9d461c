import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'
import type { Fault } from './faults'

const rootDir = fileURLToPath(new URL('../../..', import.meta.url))
const here = fileURLToPath(new URL('.', import.meta.url))

/**
 * The players and the production code they drive as one file of plain JavaScript: what they run a
 * million times must not pass through a loader.
 * @param fault put into the production code; `null`: the code as it is
 * @returns the file's path
 * @throws {Error} the text of a fault does not occur exactly once
 */
export async function bundle(fault: Fault | null, name: string): Promise<string> {
  const outfile = join(rootDir, 'node_modules', '.cache', 'planner', `${name}-${process.pid}.mjs`)
  mkdirSync(join(outfile, '..'), { recursive: true })
  const counts = new Map<string, number>()
  // Without Nuxt's tsconfig, whose paths lead to files of packages and would pull them in.
  await build({
    entryPoints: [join(here, 'worker.ts')],
    outfile,
    bundle: true,
    tsconfigRaw: '{}',
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'warning',
    plugins: fault ? [putIn(fault, counts)] : [],
  })
  for (const { from } of fault?.changes ?? []) {
    const count = counts.get(from) ?? 0
    if (count !== 1)
      throw new Error(`"${fault?.name}": its text occurs ${count} times, not once: ${from}`)
  }
  return outfile
}

function putIn({ changes }: Fault, counts: Map<string, number>): Plugin {
  const patterns = changes.map(change => ({ ...change, pattern: toPattern(change.from) }))
  return {
    name: 'put-in-a-fault',
    setup({ onLoad }) {
      onLoad({ filter: /\/server\/.*\.ts$/ }, ({ path }) => {
        let contents = readFileSync(path, 'utf8')
        for (const { from, to, pattern } of patterns)
          contents = contents.replace(pattern, () => {
            counts.set(from, (counts.get(from) ?? 0) + 1)
            return to
          })
        return { loader: 'ts', contents }
      })
    },
  }
}

/** White space in the text stands for any, or none. */
function toPattern(text: string): RegExp {
  const words = text.split(' ').map(word => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(words.join('\\s*'), 'g')
}
