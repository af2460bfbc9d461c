import type { Lead, LeadList } from '#shared/contracts/leads'
import { present } from '../support/present'
import { until } from '../support/until'
import { expect, test, texts } from './fixtures'

/** The lists as people work in them: RecordsTable, RecordsDialogs and the rest of the page. */
const { leads, lists } = texts

test('half-typed text is not saved when its record changes in HubSpot, and rows stay where they are', async ({
  page,
  stack,
  partner,
  begin,
  api,
  shoot,
}) => {
  await begin(partner.admin)
  await api('PATCH', '/integrations/hubspot/settings', { writeBack: true })
  await page.goto('/leads')
  const shown = present((await api<LeadList>('GET', '/leads?limit=4')).items[3])
  const row = page.getByRole('row').nth(4)
  const label = new RegExp(leads.edit(leads.field.company, ''))
  await row.getByRole('button', { name: label }).click()
  const input = page.getByRole('textbox', { name: label })
  await input.fill('')
  await input.pressSequentially('Half-ty')
  const told = 'Told by HubSpot'
  await stack.control.portal().edit('contacts', present(shown.hubspotId), { company: told })
  await expect(page.getByText(leads.arrived(told))).toBeVisible({ timeout: 60_000 })
  const company = async () => (await api<Lead>('GET', `/leads/${shown.id}`)).company
  expect(await company()).toBe(told)
  await expect(input).toBeFocused()
  await expect(input).toHaveValue('Half-ty')
  await expect(row.getByRole('textbox', { name: label })).toHaveCount(1)
  await shoot('leads-arrived')
  await input.pressSequentially('ped')
  await page.keyboard.press('Enter')
  await until(async () => (await company()) === 'Half-typed', 'the text is saved')
  await expect(row.getByText('Half-typed')).toBeVisible()

  // The list is as it was asked for, until somebody asks anew.
  await page.getByRole('button', { name: lists.show, exact: true }).click()
  await expect(page.getByRole('row').nth(1).getByText('Half-typed')).toBeVisible()
})

test('a bad edit of many leads is undone as a whole, here and in HubSpot, but for what somebody changed since', async ({
  page,
  stack,
  partner,
  begin,
  api,
  shoot,
  expectAccessible,
}) => {
  const portal = stack.control.portal()
  await begin(partner.admin)
  await api('PATCH', '/integrations/hubspot/settings', { writeBack: true })
  await page.goto('/leads?sort=email')
  const chosen = (await api<LeadList>('GET', '/leads?sort=email&limit=3')).items
  const company = async ({ hubspotId }: Lead) =>
    (await portal.get('contacts', present(hubspotId))).properties.company ?? null
  const before = await Promise.all(chosen.map(company))
  for (const place of [1, 2, 3])
    await page.getByRole('row').nth(place).getByRole('checkbox').check()
  await expect(page.getByText(lists.bulk.chosen(3, '3'))).toBeVisible()
  await expectAccessible()
  await shoot('leads-chosen')
  await page.getByRole('button', { name: lists.bulk.edit, exact: true }).click()
  await page.getByLabel(lists.bulk.field).selectOption('company')
  await page.getByLabel(lists.bulk.value).fill('Typed wrong')
  await expectAccessible()
  await shoot('leads-bulk')
  await page.getByRole('button', { name: lists.bulk.apply(3, '3') }).click()
  await expect(page.getByText(lists.operation.kind.bulk_edit.done)).toBeVisible()
  await until(
    async () => (await Promise.all(chosen.map(company))).every(one => one === 'Typed wrong'),
    'the edit is in HubSpot',
  )

  const [since, ...others] = chosen
  await api('PATCH', `/leads/${present(since).id}`, { company: 'Mended by hand' })
  await page.getByRole('button', { name: lists.operation.undo, exact: true }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByText(lists.undo.skipped(1, '1'))).toBeVisible()
  await expectAccessible()
  await shoot('leads-undo')
  await dialog.getByRole('button', { name: lists.undo.confirm(2, '2') }).click()
  await expect(page.getByText(lists.operation.kind.undo.done)).toBeVisible()
  await until(
    async () =>
      JSON.stringify(await Promise.all(others.map(company))) === JSON.stringify(before.slice(1)),
    'the undo is in HubSpot',
  )
  await until(async () => (await company(present(since))) === 'Mended by hand', 'the other stays')

  // One change of one record, from its history; back leads to the list again.
  await page
    .getByRole('row')
    .nth(1)
    .getByRole('button', { name: new RegExp(leads.details('')) })
    .click()
  await expect(page).toHaveURL(/open=/)
  await dialog.getByRole('button', { name: lists.undo.entry }).first().click()
  await dialog.getByRole('button', { name: lists.undo.confirm(1, '1') }).click()
  await until(
    async () => (await api<Lead>('GET', `/leads/${present(since).id}`)).company === 'Typed wrong',
    'one change is undone',
  )
  await page.goBack()
  await expect(page).not.toHaveURL(/open=/)
  await expect(dialog).toHaveCount(0)
})

test('a file of leads is looked at first, then imported, and a view finds them again', async ({
  page,
  partner,
  begin,
  api,
  shoot,
  expectAccessible,
}) => {
  await begin(partner.admin)
  await page.goto('/leads?sort=email')
  const known = present((await api<LeadList>('GET', '/leads?sort=-email&limit=1')).items[0])
  const lines = [
    'E-mail;Company',
    `${known.email};Imported Ltd`,
    'new@import.test;Imported Ltd',
    'nobody;Imported Ltd',
  ]
  await page.getByRole('button', { name: lists.import.button, exact: true }).click()
  await page.getByLabel(lists.import.file).setInputFiles({
    name: 'leads.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(lines.join('\n')),
  })
  await expect(page.getByText(lists.operation.line(4))).toBeVisible()
  await expectAccessible()
  await shoot('leads-import')
  await page.getByRole('button', { name: lists.import.start(2, '2') }).click()
  await expect(page.getByText(lists.operation.kind.import.done)).toBeVisible()
  await shoot('leads-imported')

  await page.getByLabel(lists.search.lead).fill('Imported')
  await expect(page.getByRole('row')).toHaveCount(3)
  await page.getByRole('button', { name: lists.views.save }).click()
  await page.getByLabel(lists.views.name, { exact: true }).fill('From the fair')
  await expectAccessible()
  await page.getByRole('dialog').getByRole('button', { name: lists.views.save }).click()
  await page.goto('/leads')
  await page
    .getByRole('combobox', { name: lists.views.label, exact: true })
    .selectOption('From the fair')
  await expect(page.getByRole('row')).toHaveCount(3)
  const file = page.waitForEvent('download')
  await page.getByRole('link', { name: leads.export.leads }).click()
  expect((await file).url()).toContain('q=Imported')
  await page.goBack()
  await expect(page.getByRole('row')).toHaveCount(26)
})
