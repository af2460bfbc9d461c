import type { LeadList } from '#shared/contracts/leads'
import { expect, test, texts } from './fixtures'
import { until } from '../support/until'

/** A HubSpot property becomes a field in one click, is edited here, and stands in HubSpot. */
const { mapping, leads } = texts

test('“Budget” becomes a field, is edited on a lead and stands in HubSpot', async ({
  page,
  stack,
  partner,
  begin,
  api,
  expectAccessible,
  shoot,
}) => {
  const portal = stack.control.portal()
  await portal.setProperty('contacts', {
    name: 'budget',
    label: 'Budget',
    type: 'number',
    fieldType: 'number',
    options: [],
  })
  await begin(partner.admin)
  await api('PATCH', '/integrations/hubspot/settings', { writeBack: true })
  await page.goto('/settings/hubspot/mapping')
  await page.getByRole('button', { name: mapping.own.addTo.lead }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('searchbox').fill('budget')
  await expectAccessible()
  await shoot('mapping-add-field')
  await dialog.getByRole('button', { name: /^Budget/ }).click()
  await expect(page.getByText(mapping.own.added('Budget')).first()).toBeVisible()
  await expect(
    page.getByRole('table', { name: mapping.fields.lead }).getByRole('row', { name: /Budget/ }),
  ).toBeVisible()

  const { items } = await api<LeadList>('GET', '/leads?limit=1&sort=-createdAt')
  const lead = items[0]
  await page.goto(`/leads?open=${lead?.id}`)
  const panel = page.getByRole('dialog')
  await panel.getByLabel('Budget', { exact: true }).fill('1250.50')
  await panel.getByRole('button', { name: leads.panel.save }).click()
  await until(async () => {
    const contact = await portal.get('contacts', lead?.hubspotId ?? '')
    return contact.properties.budget === '1250.50'
  }, 'the budget stands in HubSpot')
  await expect(panel.getByLabel('Budget', { exact: true })).toHaveValue('1250.50')
  await expectAccessible()

  // A wrong mapping is rehearsed, and not saved.
  await page.goto('/settings/hubspot/mapping')
  await page.getByLabel(mapping.fields.chooseDirection('Budget')).selectOption('in')
  await page.getByRole('button', { name: mapping.rehearsal.rehearse }).click()
  await expect(page.getByText(/1 lead would now have another Budget in HubSpot/)).toBeVisible()
  await expectAccessible()
  await shoot('mapping-rehearsed')
  await page.getByRole('button', { name: texts.common.discard }).click()
})
