import type { Locator, Page } from '@playwright/test'
import { until } from '../support/until'
import { expect, test, texts } from './fixtures'
import { present } from '../support/present'

/** The two ways through the same pages. */
interface Hand {
  press(target: Locator): Promise<void>
  write(target: Locator, text: string): Promise<void>
}

const mouse = (): Hand => ({
  press: target => target.click(),
  write: (target, text) => target.fill(text),
})

/**
 * Tab until the target has the focus, as somebody without a mouse does; the pointer is never used.
 */
function keyboard(page: Page): Hand {
  async function reach(target: Locator): Promise<void> {
    await target.waitFor()
    for (let stops = 0; stops < 150; stops++) {
      if (await target.evaluate(element => element === document.activeElement)) return
      await page.keyboard.press('Tab')
    }
    throw new Error(`The Tab key does not lead to ${target}`)
  }
  return {
    async press(target) {
      await reach(target)
      await page.keyboard.press('Enter')
    },
    async write(target, text) {
      await reach(target)
      await page.keyboard.press('ControlOrMeta+A')
      await page.keyboard.type(text)
    },
  }
}

const { connection, mapping, leads, login, common, setup } = texts

for (const [name, hand] of [
  ['by mouse', mouse],
  ['by keyboard alone', keyboard],
] as const) {
  test(`a newcomer gets from the sign-in form to a mapped sync of both directions, ${name}`, async ({
    page,
    stack,
    partner,
    shoot,
    expectAccessible,
  }) => {
    const { press, write } = hand(page)
    const portal = stack.control.portal()

    await page.goto('/')
    await write(page.getByLabel(login.email), partner.admin.email)
    await write(page.getByLabel(login.password, { exact: true }), partner.admin.password)
    await press(page.getByRole('button', { name: login.submit, exact: true }))
    await page.waitForURL(url => !url.pathname.startsWith('/login'))

    await press(page.getByRole('banner').getByRole('link', { name: common.hubspot }))
    await press(page.getByRole('button', { name: connection.connect }).first())
    await page.waitForURL(url => url.href.startsWith(stack.simulator.url))
    await press(page.locator('button[name=decision].primary'))
    await page.waitForURL(url => url.href.startsWith(stack.app.url))
    await expect(page.getByText(texts.summary.in_step)).toBeVisible({ timeout: 120_000 })

    await press(page.getByRole('link', { name: setup.open }))
    await press(page.getByRole('button', { name: /^Accept \d+ suggestion/ }))
    await expect(
      page
        .getByText(mapping.stages.allMapped)
        .or(page.getByRole('button', { name: mapping.save, exact: true }))
        .first(),
    ).toBeVisible()
    await shoot(`mapping-accepted-${name.replaceAll(' ', '-')}`)
    await press(page.getByRole('button', { name: mapping.save, exact: true }))
    await expect(page.getByText(mapping.saved).first()).toBeVisible()

    await press(
      page
        .getByRole('navigation', { name: common.hubspotPages })
        .getByRole('link', { name: connection.title }),
    )
    await press(page.getByRole('button', { name: connection.writeBack.preview }))
    const dialog = page.getByRole('dialog')
    await expect(dialog.getByRole('button', { name: connection.writeBack.accept })).toBeEnabled()
    await expectAccessible()
    await shoot(`preview-${name.replaceAll(' ', '-')}`)
    await press(dialog.getByRole('button', { name: connection.writeBack.accept }))
    await expect(page.getByText(connection.writeBack.on)).toBeVisible()
    await expect(page.getByRole('heading', { name: setup.title })).toBeHidden()

    // From here to HubSpot.
    await press(page.getByRole('banner').getByRole('link', { name: leads.title }))
    const row = page.getByRole('row').nth(1)
    const email =
      ((await row.getByRole('cell').nth(2).textContent()) ?? '').match(
        /[^\s@]+@[^\s@]+?\.(?:com|org|net|test|io)/,
      )?.[0] ?? ''
    const company = `By ${name}`
    await press(row.getByRole('button', { name: new RegExp(leads.edit(leads.field.company, '')) }))
    await write(
      row.getByRole('textbox', { name: new RegExp(leads.edit(leads.field.company, '')) }),
      company,
    )
    await page.keyboard.press('Enter')
    const [record] = await until(
      async () => {
        const found = await portal.find('contacts', 'company', company)
        return found.length > 0 ? found : null
      },
      'the edit is in HubSpot',
      { timeoutMs: 60_000 },
    )
    expect(record?.properties.email).toBe(email)

    // And from HubSpot to here, while one looks.
    await portal.edit('contacts', present(record?.id), { company: `Seen ${name}` })
    await expect(page.getByText(`Seen ${name}`).first()).toBeVisible({ timeout: 60_000 })
  })
}
