import type { StageMapping } from '#shared/contracts/mapping'
import { until } from '../support/until'
import { expect, test, texts } from './fixtures'
import { present } from '../support/present'

/** Records, runs and mappings in every state that somebody meets. */
const { leads, activity, mapping } = texts

test.afterEach(async ({ stack }) => {
  await stack.control.clearFaults()
  await stack.control.portal().setRules([])
})

test('a change that HubSpot refuses says why, on the record, and is tried again', async ({
  page,
  stack,
  partner,
  begin,
  api,
  expectAccessible,
  shoot,
}) => {
  await begin(partner.admin)
  await api('PATCH', '/integrations/hubspot/settings', { writeBack: true })
  await stack.control.portal().setRules([{ type: 'contacts', property: 'hs_lead_status' }])
  await page.goto('/leads')
  const row = page.getByRole('row').nth(1)
  await row.getByRole('button', { name: new RegExp(leads.edit(leads.field.company, '')) }).click()
  await row.getByRole('textbox').fill('Refused Ltd')
  await page.keyboard.press('Enter')
  await expect(row.getByText(leads.state.failed).first()).toBeVisible({ timeout: 60_000 })
  await shoot('leads-failed')
  await page
    .getByRole('button', { name: new RegExp(leads.details('')) })
    .first()
    .click()
  await expect(page.getByText(leads.panel.failed).first()).toBeVisible()
  await expectAccessible()
  await shoot('lead-panel')
})

test('a deal is found by stage, opened, and added', async ({
  page,
  partner,
  begin,
  expectAccessible,
  shoot,
}) => {
  await begin(partner.admin)
  await page.goto('/leads?view=deals')
  await expect(page.getByRole('row').nth(1)).toBeVisible()
  await expectAccessible()
  await shoot('deals')
  await page
    .getByRole('button', { name: new RegExp(leads.details('')) })
    .first()
    .click()
  await expect(page.getByRole('dialog')).toBeVisible()
  await expectAccessible()
  await shoot('deal-panel')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: leads.newDeal }).first().click()
  await expect(page.getByRole('dialog')).toBeVisible()
  await page.getByRole('dialog').getByRole('button', { name: leads.createDeal }).click()
  await expect(page.getByText(leads.needDealName)).toBeVisible()
  await expectAccessible()
  await shoot('deal-new')
  await page.goto('/leads?q=nobody-has-this-name')
  await expect(page.getByText(leads.empty.noneTitle)).toBeVisible()
  await expectAccessible()
  await shoot('leads-none')
})

test('a comparison gives a number, a run its details, a record its reasons', async ({
  page,
  stack,
  partner,
  begin,
  expectAccessible,
  shoot,
}) => {
  await begin(partner.admin)
  await page.goto('/settings/hubspot/activity')
  await page.getByRole('button', { name: activity.correctness.run }).click()
  await expect(page.getByText(/^(\d+) of \1 linked records/)).toBeVisible({ timeout: 120_000 })
  const [record] = await stack.control.portal().list('contacts', 1)
  await page.getByLabel(activity.explain.label).fill(present(record?.id))
  await page.getByRole('button', { name: activity.explain.submit }).click()
  await expect(page.getByText(activity.explain.matched.hubspot_id)).toBeVisible()
  await expectAccessible()
  await shoot('activity-explained')
  await page.getByLabel(activity.explain.label).fill('nobody@example.test')
  await page.getByRole('button', { name: activity.explain.submit }).click()
  await expect(page.getByText(activity.explain.noneTitle)).toBeVisible()
  await page
    .getByRole('button', { name: new RegExp(activity.history.open('')) })
    .first()
    .click()
  await expect(page.getByRole('dialog')).toBeVisible()
  await expectAccessible()
  await shoot('activity-run')
})

test('a stage that HubSpot renames or drops pauses its mapping only, and one look settles it', async ({
  page,
  stack,
  partner,
  begin,
  api,
  expectAccessible,
  shoot,
}) => {
  const portal = stack.control.portal()
  const before = await portal.pipelines()
  try {
    await begin(partner.admin)
    await page.goto('/settings/hubspot/mapping')
    await page.getByRole('button', { name: /^Accept \d+ suggestion/ }).click()
    await expectAccessible()
    await page.getByRole('button', { name: mapping.save, exact: true }).click()
    await expect(page.getByText(mapping.saved).first()).toBeVisible()
    const changed = structuredClone(before)
    const stage = changed[0]?.stages[0]
    if (!stage) throw new Error('The account has no pipeline')
    stage.label = 'Renamed in HubSpot'
    await portal.setPipelines(changed)
    await until(async () => {
      await api('POST', '/integrations/hubspot/sync', {})
      return (
        (await api<StageMapping>('GET', '/integrations/hubspot/stage-mapping')).drift.length > 0
      )
    }, 'the drift is seen')
    await page.goto('/settings/hubspot/mapping')
    await expect(page.getByText(mapping.drift.title).first()).toBeVisible()
    await expectAccessible()
    await shoot('mapping-drift')
  } finally {
    await portal.setPipelines(before)
  }
})

test('unsaved changes of a mapping ask before they are lost, and can be undone', async ({
  page,
  partner,
  begin,
  expectAccessible,
  shoot,
}) => {
  const { fields } = mapping
  const undo = page.getByRole('button', { name: texts.common.undo, exact: true })
  await begin(partner.admin)
  await page.goto('/settings/hubspot/mapping')
  await page.getByRole('button', { name: /^Accept \d+ suggestion/ }).click()
  await shoot('mapping-unsaved')
  const asked = page.waitForEvent('dialog')
  const leaving = page.getByRole('banner').getByRole('link', { name: leads.title }).click()
  const question = await asked
  expect(question.message()).toBe(texts.common.unsavedLeave)
  await question.dismiss()
  await leaving
  await expect(page).toHaveURL(/mapping/)
  await undo.click()
  await expect(page.getByRole('button', { name: /^Accept \d+ suggestion/ })).toBeVisible()

  // The fields, each with what stands in HubSpot at present.
  const row = page
    .getByRole('table', { name: fields.lead })
    .getByRole('row')
    .filter({ hasText: leads.field.phone })
  await expect(row.getByText(fields.samplesOf(leads.field.phone))).toBeVisible()
  await expect(row.locator('q').first()).toHaveText(/\d/)
  const direction = page.getByLabel(fields.chooseDirection(leads.field.phone))
  const policy = page.getByLabel(fields.choosePolicy(leads.field.phone))
  await policy.selectOption('latest_wins')
  await direction.selectOption('in')
  await expect(policy).toHaveCount(0)
  await expect(page.getByText(mapping.changes(1))).toBeVisible()
  // Further up, the bar with the buttons lies over whatever is there.
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight))
  await expectAccessible()
  await shoot('mapping-fields')
  await page.keyboard.press('ControlOrMeta+Z')
  await expect(direction).toHaveValue('both')
  await expect(policy).toHaveValue('latest_wins')
  await undo.click()
  await expect(policy).toHaveValue('hubspot_wins')
  await expect(page.getByText(mapping.noChanges)).toBeVisible()
  await page.getByRole('button', { name: texts.common.redo, exact: true }).click()
  await expect(policy).toHaveValue('latest_wins')

  // Closing the tab asks as well, in the browser's own words.
  const closing = page.waitForEvent('dialog')
  await page.close({ runBeforeUnload: true })
  const warning = await closing
  expect(warning.type()).toBe('beforeunload')
  await warning.dismiss()
  await page.getByRole('button', { name: mapping.save, exact: true }).click()
  await expect(page.getByText(mapping.saved).first()).toBeVisible()
  await page.reload()
  await expect(policy).toHaveValue('latest_wins')
})
