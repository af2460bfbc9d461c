import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

export interface FoundBrowser {
  /** Left out: Playwright's own */
  executablePath?: string
  args: string[]
  env: Record<string, string>
  source: 'playwright' | 'system' | 'npm'
}

export const howToGetOne =
  'No Chromium was found and none could be unpacked: install one with "npx playwright install --with-deps chromium" (or "apt-get install chromium"), then run this again.'

const systemNames = [
  'google-chrome',
  'google-chrome-stable',
  'chromium',
  'chromium-browser',
  'chrome',
  'microsoft-edge',
]
const systemPaths = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function systemBrowser(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(folder => folder !== '')
  return [
    ...folders.flatMap(folder => systemNames.map(name => join(folder, name))),
    ...systemPaths,
  ].find(isExecutable)
}

async function starts(path: string, env: Record<string, string>): Promise<boolean> {
  return await promisify(execFile)(path, ['--version'], {
    env: { ...process.env, ...env },
    timeout: 20_000,
  }).then(
    () => true,
    () => false,
  )
}

/**
 * The Chromium that npm brings along (Linux on x64), with its own copies of the libraries it needs
 * where the system has none.
 */
async function npmBrowser(): Promise<FoundBrowser | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  // Makes the package unpack those libraries as well; nothing else is read from it.
  process.env.AWS_LAMBDA_JS_RUNTIME ??= 'nodejs20.x'
  const libraryPath = process.env.LD_LIBRARY_PATH
  const { default: chromium } = await import('@sparticuz/chromium')
  const executablePath = await chromium.executablePath()
  if (libraryPath === undefined) delete process.env.LD_LIBRARY_PATH
  else process.env.LD_LIBRARY_PATH = libraryPath
  const args = [
    '--no-sandbox',
    '--headless=new',
    '--no-zygote',
    '--disable-dev-shm-usage',
    '--disable-gpu',
  ]
  const environments: Record<string, string>[] = [
    {},
    { LD_LIBRARY_PATH: join(tmpdir(), 'al2023', 'lib') },
  ]
  for (const env of environments) {
    if (await starts(executablePath, env)) return { executablePath, args, env, source: 'npm' }
  }
  return undefined
}

/**
 * Finds a Chromium for the tests: Playwright's own where it is installed, a system one, else the
 * one from npm.
 * @throws {Error} with one line on what to install
 */
export async function findBrowser(): Promise<FoundBrowser> {
  const { chromium } = await import('@playwright/test')
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  if (existsSync(chromium.executablePath())) return { args: sandbox, env: {}, source: 'playwright' }
  const system = systemBrowser()
  if (system && (await starts(system, {})))
    return { executablePath: system, args: sandbox, env: {}, source: 'system' }
  const found = await npmBrowser().catch(() => undefined)
  if (!found) throw new Error(howToGetOne)
  return found
}

let forPictures: Promise<FoundBrowser | undefined> | undefined

/**
 * The Chromium that pictures are taken and compared with: npm's, of one version for everybody, else
 * Playwright's own. Those of Linux distributions draw the edges of letters in their own way.
 * @returns `undefined` where there is neither
 */
export async function pictureBrowser(): Promise<FoundBrowser | undefined> {
  forPictures ??= npmBrowser()
    .catch(() => undefined)
    .then(
      async found =>
        found ??
        (await findBrowser().then(
          other => (other.source === 'playwright' ? other : undefined),
          () => undefined,
        )),
    )
  return await forPictures
}
