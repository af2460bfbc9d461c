import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { rootDir } from '../tests/support/build'

/** One of the things that are measured side by side */
export type Side = 'before' | 'after' | 'naive'

/** Names the folder of the checkout that a variant measures, for its process. */
export const checkoutVariable = 'BENCH_CHECKOUT'

function must(command: string, args: string[], cwd: string): void {
  const { status } = spawnSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status} in ${cwd}`)
}

/**
 * The checkout to compare with.
 * @param given a folder, or a commit, which gets a folder of its own below `artifacts/`
 * @returns its folder with its own packages; `null` when nothing was given
 */
export function checkoutBefore(given: string | undefined): string | null {
  if (given === undefined) return null
  if (existsSync(join(given, 'package.json'))) return resolve(given)
  const folder = join(rootDir, 'artifacts', 'bench', given)
  if (!existsSync(folder)) must('git', ['worktree', 'add', '--detach', folder, given], rootDir)
  if (!existsSync(join(folder, 'node_modules'))) must('npm', ['ci'], folder)
  return folder
}

/** What a measurement of the app alone compares: each side's checkout, the older one first. */
export const sidesOf = (before: string | null): [Side, string][] => [
  ...(before === null ? [] : [['before', before] as [Side, string]]),
  ['after', rootDir],
]

/** @returns the server of a checkout's production build, which is made where there is none */
export function serverOf(checkout: string): string {
  const entry = join(checkout, '.output', 'server', 'index.mjs')
  if (!existsSync(entry)) must('npm', ['run', 'build'], checkout)
  return entry
}

/**
 * A module of the checkout that this process measures.
 * @param path below the checkout's folder
 * @typeParam Module its shape, as it is in this checkout
 */
export async function moduleOf<Module>(path: string): Promise<Module> {
  const folder = process.env[checkoutVariable] ?? rootDir
  return (await import(pathToFileURL(join(folder, path)).href)) as Module
}
