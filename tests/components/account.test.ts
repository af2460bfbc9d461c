import { afterEach, expect, test } from 'vitest'
import AccountSessions from '../../components/account/AccountSessions.vue'
import AppAccountMenu from '../../components/app/AppAccountMenu.vue'
import { texts } from '#shared/texts/en'
import { render, violations } from './mount'
import { present } from '../support/present'

afterEach(() => (document.body.innerHTML = ''))

const words = texts.account.sessions
const session = (id: string, browser: string | null, current = false) => ({
  id: id.repeat(24),
  signedInAt: '2026-11-24T08:00:00.000Z',
  lastSeenAt: '2026-11-24T09:30:00.000Z',
  browser,
  current,
})
const here = session('a', 'Firefox on Linux', true)
const phone = session('b', 'Safari on iOS')
const unknown = session('c', null)

test('marks this session and offers to end the others, each by its name', async () => {
  const list = render(AccountSessions, { sessions: [here, phone, unknown] })
  const rows = list.findAll('li')
  expect(rows.map(row => row.text().includes(words.current))).toEqual([true, false, false])
  expect(rows.map(row => row.findAll('button').length)).toEqual([0, 1, 1])
  expect(present(rows[2]).text()).toContain(words.unknown)
  expect(
    present(rows[1])
      .findAll('time')
      .map(time => time.attributes('datetime')),
  ).toEqual([phone.signedInAt, phone.lastSeenAt])
  await list.get(`[aria-label="${words.endOf('Safari on iOS')}"]`).trigger('click')
  expect(list.emitted('end')).toEqual([[phone]])
  expect(await violations()).toEqual([])
})

test('shows what a program calls itself as text', () => {
  const list = render(AccountSessions, { sessions: [session('d', '<b>curl</b>')] })
  expect(list.find('b').exists()).toBe(false)
  expect(list.text()).toContain('<b>curl</b>')
})

test('the account menu leads there, and out', async () => {
  const me = {
    user: { id: 'a'.repeat(24), email: 'ada@example.com', role: 'admin' },
    partner: { id: 'b'.repeat(24), name: 'Ada Ltd' },
  }
  const menu = render(AppAccountMenu, { me, colorMode: 'system' })
  await menu.get('button').trigger('click')
  const link = menu.findAll('a').find(one => one.text().includes(texts.account.menu))
  expect(link?.attributes('href')).toBe('/settings/account')
  expect(await violations()).toEqual([])
  await present(link).trigger('click')
  expect(menu.text()).not.toContain(texts.account.menu)
  await menu.get('button').trigger('click')
  const out = menu.findAll('button').find(one => one.text() === texts.common.signOut)
  await present(out).trigger('click')
  expect(menu.emitted('signOut')).toHaveLength(1)
})
