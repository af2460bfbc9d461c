import { join } from 'node:path'
import { rootDir } from '../support/build'
import { demoContacts, expect, texts } from './fixtures'
import { still, test } from './still'

/** The README's pictures. Taken with the others by `npm run pictures`, and only then. */
test('the README shows the pages as they are', async ({ page, partner, begin }) => {
  test.skip(
    !['all', 'changed'].includes(test.info().config.updateSnapshots),
    'Pictures are only taken when asked for',
  )
  await begin(partner.admin)
  for (const [name, path, ready, colorScheme] of [
    ['connection', '/settings/hubspot', texts.summary.in_step, 'light'],
    ['mapping', '/settings/hubspot/mapping', texts.mapping.fields.title, 'light'],
    ['leads', '/leads', `of ${demoContacts}`, 'light'],
    ['activity-dark', '/settings/hubspot/activity', texts.activity.history.title, 'dark'],
  ] as const) {
    await page.emulateMedia({ colorScheme })
    await page.goto(path)
    await expect(page.getByText(ready).first()).toBeVisible()
    await expect(page.locator('[aria-busy=true]')).toHaveCount(0)
    await page.waitForLoadState('networkidle')
    await still(page)
    await page.screenshot({ path: join(rootDir, 'docs', 'screenshots', `${name}.png`) })
  }
})
