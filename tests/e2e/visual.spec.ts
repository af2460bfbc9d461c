import type { Page } from '@playwright/test'
import { pictureBrowser } from '../support/browser'
import { demoContacts, expect, texts, wear } from './fixtures'
import { still, test } from './still'

/**
 * Key pages against pictures of them (`tests/e2e/pictures`), in light, dark and narrow. Half their
 * size: what is drawn differently from one Chromium to the next are the edges of letters, and they
 * even out; a part that is missing, moved or in another colour does not. After a wanted change:
 * `npm run pictures`, and look at what changed.
 */
test.use({ deviceScaleFactor: 0.5 })

const looks = [
  { name: 'light', width: 1280, height: 900, colorScheme: 'light' },
  { name: 'dark', width: 1280, height: 900, colorScheme: 'dark' },
  { name: 'narrow', width: 360, height: 780, colorScheme: 'light' },
] as const
/**
 * Between Chromium 138, 143 and 153 no more than five dots differ; each break below changes
 * hundreds.
 */
const tolerance = {
  scale: 'device',
  threshold: 0.2,
  maxDiffPixelRatio: 0.001,
  animations: 'disabled',
} as const

async function dress(
  page: Page,
  { width, height, colorScheme }: (typeof looks)[number],
): Promise<void> {
  await page.setViewportSize({ width, height })
  await wear(page, colorScheme)
}

/** The page as it is, in each look. */
async function compare(page: Page, name: string): Promise<void> {
  for (const look of looks) {
    await dress(page, look)
    await still(page)
    await expect.soft(page).toHaveScreenshot(`${name}-${look.name}.png`, tolerance)
  }
  await dress(page, looks[0])
}

test.beforeAll(async () =>
  test.skip(
    (await pictureBrowser()) === undefined,
    "The pictures were taken with npm's Chromium: those of Linux distributions draw the edges of letters in their own way",
  ),
)
test.skip(
  process.platform !== 'linux',
  'The pictures were taken on Linux: other systems draw letters thicker or thinner',
)

test('the key pages look as they did', async ({ page, partner, signIn, connect }) => {
  await page.goto('/login')
  await expect(page.getByRole('button', { name: texts.login.submit, exact: true })).toBeEnabled()
  await compare(page, 'login')
  await signIn(partner.admin)
  await page.goto('/settings/hubspot')
  await expect(page.getByRole('heading', { name: texts.connection.intro.title })).toBeVisible()
  await compare(page, 'not-connected')
  await connect()
  await expect(page.getByText(texts.summary.in_step)).toBeVisible({ timeout: 120_000 })
  for (const [name, path, ready] of [
    ['connected', '/settings/hubspot', texts.summary.in_step],
    ['mapping', '/settings/hubspot/mapping', texts.mapping.fields.title],
    ['leads', '/leads?sort=-email', `of ${demoContacts}`],
    ['activity', '/settings/hubspot/activity', texts.activity.correctness.none],
    ['health', '/settings/hubspot/health', texts.health.quotaMeter.title],
  ] as const) {
    await page.goto(path)
    await expect(page.getByText(ready).first()).toBeVisible({ timeout: 60_000 })
    await expect(page.locator('[aria-busy=true]')).toHaveCount(0)
    await page.waitForLoadState('networkidle')
    await compare(page, name)
  }
})

/** What may go wrong with a page, done to the one of somebody who is not connected. */
const breaks: Record<string, (page: Page) => Promise<void>> = {
  'without its stylesheet': page =>
    page.evaluate(() =>
      document.querySelectorAll('link[rel=stylesheet], style').forEach(sheet => sheet.remove()),
    ),
  'without one of its panels': page =>
    page.evaluate(() =>
      document
        .querySelectorAll<HTMLElement>('main .surface')[1]
        ?.style.setProperty('visibility', 'hidden'),
    ),
  'whose parts lie over each other': page =>
    page.evaluate(() =>
      document
        .querySelectorAll<HTMLElement>('main .surface')[1]
        ?.style.setProperty('margin-top', '-60px'),
    ),
  'in the other colours': page => page.emulateMedia({ colorScheme: 'dark' }),
  'whose button lost its colour': page =>
    page.evaluate(() =>
      document
        .querySelectorAll<HTMLElement>('main .surface button')
        .forEach(button => button.style.setProperty('background', 'none')),
    ),
  'in another size of letters': page =>
    page.addStyleTag({ content: 'html { font-size: 17px }' }).then(() => {}),
  'whose words ran out of their box': page =>
    page.evaluate(() =>
      document
        .querySelectorAll<HTMLElement>('main .surface')
        .forEach(box => box.style.setProperty('white-space', 'nowrap')),
    ),
}

test('a page that broke does not look as it did', async ({ page, partner, signIn }) => {
  await signIn(partner.admin)
  for (const [name, spoil] of Object.entries(breaks)) {
    await page.goto('/settings/hubspot')
    await expect(page.getByRole('heading', { name: texts.connection.intro.title })).toBeVisible()
    await dress(page, looks[0])
    await still(page)
    await spoil(page)
    await expect(page, name).not.toHaveScreenshot('not-connected-light.png', tolerance)
  }
})
