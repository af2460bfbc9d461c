import type { LeadList } from '#shared/contracts/leads'
import { until } from '../support/until'
import { demoContacts, expect, test, texts } from './fixtures'

/** What is synced is chosen before anything is read, widened, narrowed to a list and widened again. */
const { scope, connection } = texts
const members = 10

test('records are chosen before the first import; the scope is widened and narrowed, and nothing is lost', async ({
  page,
  stack,
  partner,
  signIn,
  agree,
  api,
  shoot,
  expectAccessible,
}) => {
  const portal = stack.control.portal()
  const listed = (await portal.list('contacts', members)).map(({ id }) => id)
  await portal.addList({ name: 'Chosen partners', members: listed })
  const leads = async (state?: string) =>
    (await api<LeadList>('GET', `/leads?limit=1${state ? `&syncState=${state}` : ''}`)).total
  const choose = () => page.getByRole('checkbox', { name: /^Chosen partners/ })
  const apply = async (inside: number) => {
    await page.getByRole('button', { name: scope.save, exact: true }).click()
    await expect(page.getByText(scope.saved).first()).toBeVisible()
    await until(async () => (await leads('in_sync')) === inside, `${inside} leads are in sync`)
    await expect(page.getByText(scope.applying)).toHaveCount(0, { timeout: 60_000 })
  }

  await signIn(partner.admin)
  await page.goto('/settings/hubspot')
  await page.getByRole('button', { name: connection.intro.chooseFirst }).click()
  await agree()
  await expect(page.getByText(scope.firstTitle)).toBeVisible()
  await page.getByRole('button', { name: scope.allowLists }).click()
  await agree()
  await expect(page.getByText(scope.firstTitle)).toBeVisible()
  expect(await leads()).toBe(0)
  await choose().check()
  await page.getByRole('button', { name: scope.ask, exact: true }).click()
  await expect(page.getByText(scope.inside('10', String(demoContacts)))).toBeVisible()
  await expectAccessible()
  await shoot('scope-first')
  await page.getByRole('button', { name: scope.saveAndStart }).click()
  await expect(page.getByText(texts.summary.in_step)).toBeVisible({ timeout: 120_000 })
  expect(await leads()).toBe(members)

  await page.goto('/settings/hubspot/scope')
  await choose().uncheck()
  await page.getByRole('button', { name: scope.ask, exact: true }).click()
  await apply(demoContacts)

  await choose().check()
  await page.getByRole('button', { name: scope.ask, exact: true }).click()
  await page.getByRole('button', { name: scope.rehearsal.ask }).click()
  await expect(page.getByText(`${demoContacts - members} leads would leave`)).toBeVisible()
  await expectAccessible()
  await shoot('scope-rehearsed')
  await apply(members)
  expect(await leads()).toBe(demoContacts)

  await choose().uncheck()
  await page.getByRole('button', { name: scope.ask, exact: true }).click()
  await apply(demoContacts)
  expect(await leads('out_of_scope')).toBe(0)
})
