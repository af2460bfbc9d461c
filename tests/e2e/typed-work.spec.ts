import { texts } from '#shared/texts/en'
import type { Lead, LeadList } from '#shared/contracts/leads'
import { present } from '../support/present'
import { expect, test } from './fixtures'

const { leads, common, signIn: words, login } = texts

test('what is typed survives a change by others, Escape, a lost network and a session that ends', async ({
  page,
  context,
  partner,
  signIn,
  api,
  expectAccessible,
}) => {
  await signIn(partner.admin)
  const made = await api<Lead>('POST', '/leads', { email: 'typed@work.test', phone: '1' })
  await page.goto(`/leads?open=${made.id}`)
  const panel = page.getByRole('dialog', { name: 'typed@work.test' })
  const phone = panel.getByLabel(leads.field.phone, { exact: true })
  const save = panel.getByRole('button', { name: leads.panel.save })
  const stored = async () =>
    present((await api<LeadList>('GET', '/leads?q=typed')).items.find(({ id }) => id === made.id))

  // Somebody else changes another field: both changes are stored, nothing asks.
  await phone.fill('22')
  await api('PATCH', `/leads/${made.id}`, { company: 'Elsewhere' })
  await save.click()
  await expect.poll(async () => (await stored()).phone).toBe('22')
  expect((await stored()).company).toBe('Elsewhere')

  // The same field: the person decides.
  await phone.fill('333')
  await api('PATCH', `/leads/${made.id}`, { phone: '999' })
  await save.click()
  await expect(panel.getByText(common.meanwhile.changed(leads.field.phone, '999'))).toBeVisible()
  await expectAccessible()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: common.discardTyped.stay }).click()
  await expect(phone).toHaveValue('333')
  await panel.getByRole('button', { name: common.meanwhile.ours }).click()

  // The network is away: kept, and sent when it is back.
  await context.setOffline(true)
  await save.click()
  await expect(panel.getByText(common.unsent.title)).toBeVisible()
  await context.setOffline(false)
  await expect(panel.getByText(common.unsent.title)).toBeHidden()
  await expect.poll(async () => (await stored()).phone).toBe('333')

  // AppProofDialogs: the session ends, and the save goes through after signing in over the page.
  await phone.fill('4444')
  await context.clearCookies()
  await save.click()
  const again = page.getByRole('dialog', { name: words.again.title })
  await again.getByLabel(login.password, { exact: true }).fill(partner.admin.password)
  await again.getByRole('button', { name: login.submit, exact: true }).click()
  await expect(again).toBeHidden()
  await expect.poll(async () => (await stored()).phone).toBe('4444')
  await expect(phone).toHaveValue('4444')
})
