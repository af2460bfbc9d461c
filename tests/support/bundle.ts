import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { rootDir } from './build'

const bundles = new Map<string, Promise<string>>()

/**
 * A TypeScript file and what it imports of ours as one file of plain JavaScript, made once per run:
 * a process that is started by the hundred, only to be killed, must not compile everything first.
 * @returns its path
 */
export function bundle(file: URL): Promise<string> {
  const source = fileURLToPath(file)
  const made = bundles.get(source) ?? make(source)
  bundles.set(source, made)
  return made
}

/** Each file goes on finding what lies beside it. */
const keepUrls: Plugin = {
  name: 'keep-urls',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
      loader: 'ts',
      contents: (await readFile(path, 'utf8')).replaceAll(
        'import.meta.url',
        JSON.stringify(pathToFileURL(path).href),
      ),
    }))
  },
}

async function make(source: string): Promise<string> {
  // Below node_modules: packages are found from there, and nothing watches it.
  const outfile = join(
    rootDir,
    'node_modules',
    '.cache',
    'test-processes',
    `${source.slice(rootDir.length).replaceAll(/\W/g, '-')}-${process.pid}.mjs`,
  )
  // Without Nuxt's tsconfig, whose paths lead to files of packages and would pull them in.
  await build({
    entryPoints: [source],
    outfile,
    bundle: true,
    tsconfigRaw: '{}',
    platform: 'node',
    format: 'esm',
    packages: 'external',
    plugins: [keepUrls],
  })
  return outfile
}
