import type { Page } from '@playwright/test'
import { expect, test, texts } from './fixtures'
import { present } from '../support/present'

/**
 * What hostile records try: markup, handlers, urls that are code, templates, ends of scripts and
 * payloads. Each would leave a mark on `window`.
 */
const mark = 'window.__hacked=1'
const payloads = [
  `<script>${mark}</script>`,
  `<img src=x onerror="${mark}">`,
  `"><svg/onload=${mark}>`,
  `' autofocus onfocus='${mark}`,
  `</title></textarea></script><script>${mark}</script>`,
  `<iframe srcdoc="<script>parent.__hacked=1</script>">`,
  `<a href="javascript:${mark}">click</a>`,
  `javascript:${mark}//`,
  `data:text/html,<script>${mark}</script>`,
  `{{constructor.constructor("${mark}")()}}`,
  `\${${mark}}`,
  `\u2028${mark}\u2029`,
  `[["Reactive",1]]</script><script>${mark}</script>`,
  `=HYPERLINK("javascript:${mark}","x")`,
]

interface Watched {
  dialogs: string[]
  violations: string[]
}

/**
 * Everything that would show that something ran or tried to: dialogs, other windows, what the
 * content security policy stopped.
 */
async function watch(page: Page): Promise<Watched> {
  const seen: Watched = { dialogs: [], violations: [] }
  page.on('dialog', dialog => {
    seen.dialogs.push(dialog.message())
    void dialog.dismiss()
  })
  page.on('popup', popup => seen.dialogs.push(`popup ${popup.url()}`))
  await page.exposeFunction('reportViolation', (text: string) => void seen.violations.push(text))
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', event =>
      (window as unknown as { reportViolation(text: string): void }).reportViolation(
        `${event.violatedDirective} ${event.blockedURI} ${event.sample}`,
      ),
    )
  })
  return seen
}

async function expectHarmless(page: Page, where: string): Promise<void> {
  const found = await page.evaluate(() => ({
    hacked: (window as { __hacked?: number }).__hacked ?? null,
    // Every link of the page leads over http; every handler attribute would have come from a
    // record.
    links: [
      ...document.querySelectorAll('a[href], area[href], form[action], iframe, object, embed'),
    ]
      .map(
        element =>
          element.getAttribute('href') ?? element.getAttribute('action') ?? element.tagName,
      )
      .filter(
        target =>
          /^\s*(javascript|data|vbscript):/i.test(target) ||
          /^(iframe|object|embed)$/i.test(target),
      ),
    handlers: [...document.querySelectorAll('*')].flatMap(element =>
      [...element.attributes]
        .filter(attribute => /^on/i.test(attribute.name))
        .map(attribute => `${element.tagName} ${attribute.name}`),
    ),
  }))
  expect(found, where).toEqual({ hacked: null, links: [], handlers: [] })
}

/**
 * Contacts and a deal in HubSpot with the payloads as values; gone again after the test, as other
 * tests count the records of the same account.
 */
const hostileTest = test.extend<{ hostileRecords: void }>({
  hostileRecords: [
    async ({ stack }, use) => {
      const portal = stack.control.portal()
      const contacts: string[] = []
      for (const [index, payload] of payloads.entries()) {
        contacts.push(
          (
            await portal.create('contacts', {
              email: `hubspot-${index}@hostile.test`,
              firstname: payload,
              lastname: payload,
              company: payload,
              phone: payload,
              jobtitle: payload,
            })
          ).id,
        )
      }
      const deal = await portal.create('deals', {
        dealname: present(payloads[0]),
        amount: '1',
        pipeline: 'default',
        dealstage: 'appointmentscheduled',
      })
      await use()
      for (const id of contacts) await portal.archive('contacts', id)
      await portal.archive('deals', deal.id)
    },
    { auto: true },
  ],
})

hostileTest(
  'records that are full of code are shown as text, wherever they come from',
  async ({ page, partner, begin }) => {
    const seen = await watch(page)
    await begin(partner.admin)

    // From a person of the partner; what the contract refuses (control characters) is not stored at
    // all.
    for (const [index, payload] of payloads.entries()) {
      const answer = await page.request.post('/api/v1/leads', {
        data: {
          email: `local-${index}@hostile.test`,
          firstName: payload,
          company: payload,
          phone: payload.slice(0, 60),
        },
      })
      expect([201, 422]).toContain(answer.status())
    }

    for (const origin of ['hubspot', 'local']) {
      await page.goto(`/leads?q=${origin}`)
      await expect(page.getByText(`${origin}-0@hostile.test`).first()).toBeVisible()
      await expect(page.getByText(present(payloads[0]), { exact: false }).first()).toBeVisible()
      await expectHarmless(page, `the list of leads from ${origin}`)
    }

    // The record's own panel, with its fields in inputs and its explanation.
    const name = present(payloads[1])
    await page.goto('/leads?q=hubspot-1')
    await page
      .getByRole('button', { name: texts.leads.details(`${name} ${name}`) })
      .first()
      .click()
    await expect(page.getByRole('dialog')).toBeVisible()
    await expectHarmless(page, 'the panel of a lead')
    await page.keyboard.press('Escape')

    await page.goto('/leads?view=deals')
    await expect(page.locator('#page-title')).toBeVisible()
    await expectHarmless(page, 'the list of deals')

    for (const path of [
      '/settings/hubspot',
      '/settings/hubspot/mapping',
      '/settings/hubspot/activity',
      '/settings/hubspot/health',
    ]) {
      await page.goto(path)
      await expect(page.locator('#page-title')).toBeVisible()
      await expect(page.locator('[aria-busy=true]')).toHaveCount(0)
      await expectHarmless(page, path)
    }

    expect(seen).toEqual({ dialogs: [], violations: [] })
  },
)

test('code in the address is neither run nor shown as markup', async ({
  page,
  partner,
  signIn,
}) => {
  const seen = await watch(page)
  await signIn(partner.admin)
  for (const payload of payloads.filter((_, index) => index % 3 === 0)) {
    const text = encodeURIComponent(payload)
    for (const path of [
      `/leads?q=${text}`,
      `/leads?view=${text}&sort=${text}`,
      `/settings/hubspot?error=${text}`,
      `/settings/hubspot?success=${text}&returnUrl=${text}`,
      `/settings/hubspot/activity?q=${text}`,
      `/login?next=${text}`,
    ]) {
      await page.goto(path)
      await expect(page.locator('#page-title, h1').first()).toBeVisible()
      await expectHarmless(page, path)
    }
  }
  expect(seen).toEqual({ dialogs: [], violations: [] })
})
