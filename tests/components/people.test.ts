import { afterEach, expect, test, vi } from 'vitest'
import AccountCard from '../../components/account/AccountCard.vue'
import AccountLabelled from '../../components/account/AccountLabelled.vue'
import AccountOnce from '../../components/account/AccountOnce.vue'
import AccountPasskeys from '../../components/account/AccountPasskeys.vue'
import AccountPassword from '../../components/account/AccountPassword.vue'
import AppStepUpDialog from '../../components/app/AppStepUpDialog.vue'
import PeopleAuditTable from '../../components/people/PeopleAuditTable.vue'
import PeopleInvite from '../../components/people/PeopleInvite.vue'
import PeopleList from '../../components/people/PeopleList.vue'
import PeopleServiceKeys from '../../components/people/PeopleServiceKeys.vue'
import { texts } from '#shared/texts/en'
import { render, violations } from './mount'

afterEach(() => (document.body.innerHTML = ''))

const at = '2026-11-24T08:00:00.000Z'
const person = (id: string, more = {}) => ({
  id: id.repeat(24),
  email: `${id}@people.test`,
  role: 'member' as const,
  disabled: false,
  lastSeenAt: at,
  passkeys: 1,
  invitedAt: null,
  invitedUntil: null,
  ...more,
})

test('people are listed with what can be done about each, by name', async () => {
  const waiting = person('b', { invitedUntil: '2020-01-01T00:00:00.000Z', lastSeenAt: null })
  const list = render(PeopleList, {
    people: [person('a'), waiting, person('c', { disabled: true })],
    ownId: 'a'.repeat(24),
    busy: false,
  })
  const words = texts.people.list
  expect(list.findAll('li').map(row => row.findAll('button').length)).toEqual([5, 2, 4])
  expect(list.text()).toContain(words.expired)
  await list.get(`[aria-label="${words.of(words.remove, 'a@people.test')}"]`).trigger('click')
  expect(list.emitted('remove')).toHaveLength(1)
  expect(await violations()).toEqual([])
})

test('an invitation needs an address', async () => {
  const form = render(PeopleInvite, { busy: false, sent: 0, problem: null })
  await form.get('form').trigger('submit')
  expect(form.emitted('invite')).toBeUndefined()
  await form.get('input').setValue('new@people.test')
  await form.get('form').trigger('submit')
  expect(form.emitted('invite')).toEqual([['new@people.test', 'member']])
  expect(await violations()).toEqual([])
})

test('passkeys are shown by name, with the codes that are left', async () => {
  const list = {
    items: [{ id: 'a'.repeat(24), name: 'Laptop', createdAt: at, lastUsedAt: at, backedUp: true }],
    recoveryCodes: 9,
    hasPassword: true,
    required: false,
  }
  const card = render(AccountPasskeys, { list, codes: null, busy: false })
  expect(card.text()).toContain('Laptop')
  expect(card.text()).toContain(texts.ownSignIn.codes.text(9))
  await card.get('form').trigger('submit')
  expect(card.emitted('add')).toEqual([[texts.ownSignIn.passkeys.defaultName]])
  expect(await violations()).toEqual([])
})

test('a password is changed by the present one and the next', async () => {
  const form = render(AccountPassword, {
    hasPassword: true,
    busy: false,
    changes: 0,
    problem: null,
  })
  const [current, next] = form.findAll('input')
  await current?.setValue('now')
  await next?.setValue('then')
  await form.get('form').trigger('submit')
  expect(form.emitted('change')).toEqual([['now', 'then']])
  expect(await violations()).toEqual([])
})

test('lines of the audit log say who did what, and that something was refused', async () => {
  const entry = {
    id: 'a'.repeat(24),
    at,
    actor: { id: null, email: 'a@people.test' },
    action: 'user.invited',
    outcome: 'refused' as const,
    target: 'b'.repeat(24),
    address: '127.0.0.1',
    details: { role: 'member' },
  }
  const table = render(PeopleAuditTable, { entries: [entry, { ...entry, actor: null }] })
  expect(table.text()).toContain('role: member')
  expect(table.text()).toContain(texts.audit.refused)
  expect(table.text()).toContain(texts.audit.system)
  expect(await violations()).toEqual([])
})

test('a service key is made with its scopes and shown by its beginning', async () => {
  const keys = [
    {
      id: 'a'.repeat(24),
      name: 'Nightly',
      scopes: ['leads:read' as const],
      createdAt: at,
      expiresAt: null,
      lastUsedAt: null,
      prefix: 'pck_abcdefgh',
    },
  ]
  const list = render(PeopleServiceKeys, { keys, busy: false, problem: null })
  expect(list.text()).toContain('pck_abcdefgh')
  await list.get('input[type=text]').setValue('Report')
  await list.get('form').trigger('submit')
  expect(list.emitted('create')).toEqual([
    [{ name: 'Report', scopes: ['leads:read'], expiresAt: null }],
  ])
  const name = list.get<HTMLInputElement>('input[type=text]').element
  await list.setProps({ busy: true })
  await list.setProps({ busy: false, problem: { title: 'Not possible', next: 'Wait.' } })
  expect(name.value).toBe('Report')
  await list.get('form').trigger('submit')
  await list.setProps({ busy: true, problem: null })
  await list.setProps({ busy: false })
  expect(name.value).toBe('')
  expect(await violations()).toEqual([])
})

test('what the browser does not copy is said, and stays to be copied by hand', async () => {
  const refused = () => Promise.reject(new DOMException('no', 'NotAllowedError'))
  vi.stubGlobal('navigator', { ...navigator, clipboard: { writeText: refused } })
  const once = render(AccountOnce, { title: 'T', text: 'X', label: 'L', value: 'secret' })
  await once.get('button').trigger('click')
  await vi.waitFor(() => expect(once.text()).toContain(texts.people.link.copyFailed))
  expect(once.text()).not.toContain(texts.people.link.copied)
  vi.unstubAllGlobals()
})

test('what is shown once, a card and a field have their words', () => {
  const once = render(AccountOnce, { title: 'T', text: 'X', label: 'L', value: 'secret' })
  expect(once.get('pre').text()).toBe('secret')
  expect(render(AccountCard, { title: 'Card' }).get('h1').text()).toBe('Card')
  const field = render(AccountLabelled, { label: 'Field', modelValue: 'v' })
  expect(field.get('label').text()).toBe('Field')
  expect(AppStepUpDialog).toBeDefined()
})
