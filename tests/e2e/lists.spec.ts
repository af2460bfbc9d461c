import type { Lead, LeadList } from '#shared/contracts/leads'
import { present } from '../support/present'
import { until } from '../support/until'
import { expect, test, texts } from './fixtures'

/** The lists as people work in them. */
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
