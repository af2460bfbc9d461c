import type { Deal, DealList, Lead, LeadList } from '#shared/contracts/leads'
import type { Labels } from '#shared/contracts/mapping'
import { until } from '../support/until'
import { expect, test, texts } from './fixtures'
import { present } from '../support/present'

/** What was, told afterwards: a run record by record, a lead and a deal change by change. */
const { leads, activity } = texts
const hubspot = '/integrations/hubspot'

test.afterEach(async ({ stack }) => {
  await stack.control.portal().setRules([])
})

test('a run tells what failed and why, and its records are tried again: one of them, then all', async ({
  page,
  stack,
  partner,
  begin,
  api,
  expectAccessible,
  shoot,
}) => {
  const words = activity.results
  const portal = stack.control.portal()
  const company = 'Refused by a rule'
  await begin(partner.admin)
  // All three wait for the same run.
  await api('PATCH', `${hubspot}/settings`, { writeBack: true, paused: true })
  await portal.setRules([{ type: 'contacts', property: 'hs_lead_status' }])
  const { items } = await api<LeadList>('GET', '/leads?limit=3')
  for (const { id } of items) await api('PATCH', `/leads/${id}`, { company })
  await api('PATCH', `${hubspot}/settings`, { paused: false })
  await api('POST', `${hubspot}/sync`, {})
  await until(
    async () => (await api<LeadList>('GET', '/leads?syncState=failed')).items.length === 3,
    'HubSpot has refused all three',
  )

  await page.goto('/settings/hubspot/activity')
  const failed = page.locator(`td[data-label="${activity.history.failed}"]`, { hasText: /^3$/ })
  await page.getByRole('row').filter({ has: failed }).getByRole('button').click()
  const panel = page.getByRole('dialog')
  const results = panel.getByRole('list', { name: words.title }).getByRole('listitem')
  const retries = results.getByRole('button', { name: /^Try .+ again$/ })
  await panel.getByLabel(words.outcome).selectOption('failed')
  await expect(results).toHaveCount(3)
  await expect(results.first()).toContainText(words.fields(leads.field.company))
  await expect(results.first()).toContainText(/hs_lead_status/)
  await expectAccessible()
  await shoot('activity-run-failed')
  await panel.getByLabel(words.object).selectOption('deal')
  await expect(panel.getByText(words.noneText)).toBeVisible()
  await panel.getByLabel(words.object).selectOption('lead')
  await panel.getByLabel(words.outcome).selectOption('created')
  await expect(panel.getByText(words.noneText)).toBeVisible()
  await panel.getByLabel(words.outcome).selectOption('failed')
  await expect(results).toHaveCount(3)

  // Still refused: it comes back as failed. Then HubSpot's rule is lifted.
  const writes = async () =>
    (await stack.control.calls({ path: '/contacts/batch/update', limit: 5000 })).length
  const before = await writes()
  const retryFirst = results.first().getByRole('button', { name: /^Try .+ again$/ })
  await retryFirst.click()
  await expect(page.getByText(words.started(1)).first()).toBeVisible()
  await until(
    async () =>
      (await writes()) > before &&
      (await api<LeadList>('GET', '/leads?syncState=failed')).items.length === 3,
    'HubSpot has refused it once more',
  )
  await expect(retries).toHaveCount(3, { timeout: 60_000 })
  await portal.setRules([])
  await retryFirst.click()
  await expect(results.first().getByText(words.settled)).toBeVisible({ timeout: 60_000 })
  await expect(results.getByText(words.settled)).toHaveCount(1)
  await panel.getByRole('button', { name: words.retryAll }).click()
  await expect(page.getByText(words.started(2)).first()).toBeVisible()
  await expect(results.getByText(words.settled)).toHaveCount(3, { timeout: 60_000 })
  await expectAccessible()
  await shoot('activity-run-settled')
  expect(
    (await portal.find('contacts', 'company', company)).map(contact => contact.id).sort(),
  ).toEqual(items.map(lead => lead.hubspotId).sort())
  expect((await api<LeadList>('GET', '/leads?syncState=failed')).items).toEqual([])
})

test('a lead and a deal tell who changed what on which side, and how the two were merged', async ({
  page,
  stack,
  partner,
  begin,
  api,
  expectAccessible,
  shoot,
}) => {
  const words = leads.history
  const portal = stack.control.portal()
  await begin(partner.admin)
  await api('PATCH', `${hubspot}/settings`, { writeBack: true, paused: true })
  const lead = (await api<LeadList>('GET', '/leads?limit=100')).items.find(
    one => one.hubspotOwnerId !== null,
  )
  const deal = (await api<DealList>('GET', '/deals?limit=1')).items[0]
  if (!lead?.hubspotId || !deal?.hubspotId) throw new Error('Nothing was imported')
  const email = 'both@history.test'
  const { id } = await api<Lead>('POST', '/leads', { email, firstName: 'Here' })
  const contact = await portal.create('contacts', {
    email,
    firstname: 'There',
    jobtitle: 'Known to HubSpot',
  })
  try {
    await api('PATCH', `/leads/${lead.id}`, { company: 'Ours Ltd', jobTitle: 'Only ours' })
    await portal.edit('contacts', lead.hubspotId, { company: 'Theirs Ltd', phone: '+49 30 901820' })
    await api('PATCH', `/deals/${deal.id}`, { amount: '111.00', name: 'Named here' })
    await portal.edit('deals', deal.hubspotId, { amount: '222' })
    await api('PATCH', `${hubspot}/settings`, { paused: false })
    await until(async () => {
      const [now, both, sale] = [
        await api<Lead>('GET', `/leads/${lead.id}`),
        await api<Lead>('GET', `/leads/${id}`),
        await api<Deal>('GET', `/deals/${deal.id}`),
      ]
      return (
        [now, both, sale].every(record => record.sync.state === 'in_sync') &&
        now.company === 'Theirs Ltd' &&
        both.hubspotId === contact.id &&
        sale.amount === '222'
      )
    }, 'both sides are one again')

    const panel = page.getByRole('dialog')
    const entries = panel.getByRole('region', { name: leads.panel.timeline }).getByRole('listitem')
    const entry = (title: string) => entries.filter({ hasText: title })
    await page.goto(`/leads?open=${lead.id}`)
    await expect(entry(words.editedBy(partner.admin.email))).toContainText('Ours Ltd')
    await expect(entry(words.kinds.received)).toContainText(/Ours Ltd.*Theirs Ltd/)
    await expect(entry(words.kinds.received)).toContainText(present(activity.rules.hubspot_wins))
    await expect(entry(words.kinds.received)).toContainText(
      present(activity.rules.only_hubspot_changed),
    )
    await expect(entry(words.kinds.written)).toContainText('Only ours')
    await expect(entry(words.kinds.written)).not.toContainText('Ltd')
    await expect(entry(words.arrived)).toBeVisible()
    await expect(panel.getByText(leads.panel.owner)).toContainText(/\w+ \w+$/)
    // Names and ids of HubSpot's are said in its words.
    const lifecycle = panel.getByLabel(leads.field.lifecycleStage)
    await expect(lifecycle).not.toHaveValue('salesqualifiedlead')
    // HubSpot alone changes it, unless an admin maps it otherwise.
    await expect(lifecycle).not.toBeEditable()
    await expectAccessible()
    await shoot('lead-history')

    await page.goto(`/leads?open=${id}`)
    await expect(entry(words.createdBy(partner.admin.email))).toBeVisible()
    await expect(entry(words.kinds.merged)).toContainText('Known to HubSpot')

    await page.goto(`/leads?view=deals&open=${deal.id}`)
    await expect(entry(words.kinds.received)).toContainText(present(activity.rules.hubspot_wins))
    await expect(entry(words.kinds.written)).toContainText('Named here')
    const stage = (await api<Labels>('GET', `${hubspot}/labels`)).stages.find(
      one => one.stageId === deal.hubspotStageId,
    )
    await expect(panel.getByText(leads.panel.hubspotStage)).toContainText(stage?.label ?? 'a label')
    // While one looks, the next change joins in.
    await panel.getByLabel(leads.dealField.name).fill('Named again')
    await panel.getByRole('button', { name: leads.panel.save }).click()
    await expect(entry(words.kinds.written)).toHaveCount(2, { timeout: 60_000 })
    await expectAccessible()
    await shoot('deal-history')
  } finally {
    await portal.archive('contacts', contact.id)
  }
})
