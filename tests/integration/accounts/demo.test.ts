import { afterAll, beforeAll, expect, test } from 'vitest'
import { keepDemoAccounts } from '../../../server/accounts/demo'
import { startPeopleApp, type PeopleApp } from '../../support/people'

const email = 'admin@demo.test'
const password = 'a password that is shown'
const demo = [{ email, password, role: 'admin' as const }]

let app: PeopleApp
beforeAll(async () => {
  app = await startPeopleApp()
})
afterAll(() => app.stop())

test('demo accounts open while demo mode is on, and let nobody in while it is off', async () => {
  const { accounts } = app.services
  const signIn = async () => (await app.client().signIn(email, password)).status
  const somebody = await app.somebody('Real people')
  await keepDemoAccounts(accounts, demo)
  expect(await signIn()).toBe(200)
  const client = await app.signIn(email, password)
  expect((await client.get('/api/v1/auth/me')).status).toBe(200)

  // The same database, started as a real installation
  await keepDemoAccounts(accounts, [])
  expect(await signIn()).toBe(401)
  expect((await client.get('/api/v1/auth/me')).status).toBe(401)
  expect((await somebody.client.get('/api/v1/auth/me')).status).toBe(200)

  await keepDemoAccounts(accounts, demo)
  expect(await signIn()).toBe(200)
})
