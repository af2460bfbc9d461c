import { execFile } from 'node:child_process'
import { cp, mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { ClientPackage } from './list'

const run = promisify(execFile)
const stepsFolder = fileURLToPath(new URL('steps', import.meta.url))

/**
 * Installs a client into an empty folder, as npm gives it, and puts its steps beside it. Scripts
 * of packages do not run.
 * @throws when npm cannot install it
 */
export async function installClient(client: ClientPackage, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), '{"private":true}')
  const npm = (...args: string[]) => run('npm', args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 })
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--silent']
  await npm('install', ...quiet, '--save-exact', ...client.install)
  for (const { spec, folder: name, paths } of client.unpack ?? []) {
    const { stdout } = await npm('pack', '--silent', spec)
    const target = join(folder, 'node_modules', name)
    await mkdir(target, { recursive: true })
    const wanted = paths.map(path => `package/${path}`)
    await run('tar', ['xzf', stdout.trim(), '-C', target, '--strip-components=1', ...wanted], {
      cwd: folder,
    })
  }
  for (const [file, content] of Object.entries(client.standIns ?? {})) {
    const path = join(folder, 'node_modules', file)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
  }
  for (const file of await readdir(stepsFolder))
    if (file === 'kit.mjs' || file === `${client.steps}.mjs`)
      await cp(join(stepsFolder, file), join(folder, file))
}
