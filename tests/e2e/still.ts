import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from '@playwright/test'
import { pictureBrowser } from '../support/browser'
import { test as base } from './fixtures'

const require = createRequire(import.meta.url)
/**
 * One font for every machine: which ones are installed, and how wide their letters are, is up to
 * each.
 */
const fonts = {
  Still: require.resolve('@fontsource-variable/inter/files/inter-latin-wght-normal.woff2'),
  StillExtended:
    require.resolve('@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2'),
}
const style = `
${Object.entries(fonts)
  .map(
    ([name, file]) =>
      `@font-face { font-family: ${name}; src: url(data:font/woff2;base64,${readFileSync(file).toString('base64')}) format('woff2'); font-weight: 100 900 }`,
  )
  .join('\n')}
*, *::before, *::after { font-family: Still, StillExtended !important; font-feature-settings: normal !important; caret-color: transparent !important; animation: none !important; transition: none !important }
`

/** Letters are drawn alike whatever the machine's settings say. */
const plainDrawing = [
  '--font-render-hinting=none',
  '--disable-lcd-text',
  '--force-color-profile=srgb',
  '--hide-scrollbars',
]

/**
 * With a database, a simulator and a browser of their own: nothing syncs while pictures are taken.
 */
export const test = base.extend({
  launchOptions: [
    async ({ launchOptions }, use) => {
      const browser = await pictureBrowser()
      const own = browser
        ? {
            executablePath: browser.executablePath,
            args: browser.args,
            env: { ...process.env, ...browser.env } as Record<string, string>,
          }
        : {}
      const options = { ...launchOptions, ...own }
      await use({ ...options, args: [...(options.args ?? []), ...plainDrawing] })
    },
    { scope: 'worker' },
  ],
  syncInterval: [async ({}, use) => use('86400'), { scope: 'worker' }],
  bypassCSP: true,
})

/** What differs from run to run, and what is shown for it. */
const volatile: [RegExp, string][] = [
  [/[\w.+-]+@[\w-]+\.test\b/g, 'admin@partner.test'],
  [/localhost:\d+/g, 'localhost:3000'],
  [/\bPartner [0-9a-f]{8}\b/g, 'Partner Limited'],
  [/^\d+ (seconds?|minutes?)$/g, '2 seconds'],
  [/\b(\d+ min|less than a minute) ago\b/g, '1 min ago'],
  [/\d+ (of \d+ left)/g, '100 $1'],
  [/\b\d+(\.\d+)? (ms|records a second|per second)\b/g, '10 $2'],
  [/\b\d+\.\d+\.\d+(-[\w.]+)?\b/g, '1.2.3'],
]

/**
 * Makes a page look the same at any time and on any machine: one font, no instants, nothing that
 * was made up for this run. It has to be let past the page's content security policy (`bypassCSP`).
 */
export async function still(page: Page): Promise<void> {
  await page.addStyleTag({ content: style })
  await page.evaluate(
    async rules => {
      for (const time of document.querySelectorAll('time')) time.textContent = '1 Jan 2026, 12:00'
      for (const meter of document.querySelectorAll('meter')) meter.value = meter.max * 0.9
      const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
      for (let text = texts.nextNode(); text; text = texts.nextNode()) {
        const before = text.nodeValue ?? ''
        const after = rules.reduce(
          (now, [pattern, flags, shown]) => now.replace(new RegExp(pattern, flags), shown),
          before.trim(),
        )
        if (after !== before.trim()) text.nodeValue = before.replace(before.trim(), () => after)
      }
      window.scrollTo(0, 0)
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
      await Promise.all(
        ['16px Still', '16px StillExtended'].map(font => document.fonts.load(font, 'AŁ')),
      )
      await document.fonts.ready
    },
    volatile.map(([pattern, shown]) => [pattern.source, pattern.flags, shown] as const),
  )
}
