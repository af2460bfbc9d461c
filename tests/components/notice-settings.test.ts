import { afterEach, expect, test } from 'vitest'
import NoticesMail from '../../components/notices/NoticesMail.vue'
import NoticesWebhook from '../../components/notices/NoticesWebhook.vue'
import { texts } from '#shared/texts/en'
import { render, violations } from './mount'

afterEach(() => (document.body.innerHTML = ''))

const at = '2026-11-24T08:00:00.000Z'
const preferences = {
  kinds: {
    reauthorization_required: 'now' as const,
    sync_stale: 'daily' as const,
    mapping_drift: 'off' as const,
    sync_paused: 'now' as const,
  },
  email: 'ada@partner.example',
  canMail: true,
  timeZone: 'Europe/Berlin',
}

test('each kind of notice is a choice, and security is said to be none', async () => {
  const section = render(NoticesMail, { preferences, busy: false })
  const words = texts.notices.mail
  expect(section.findAll('select').map(one => one.element.value)).toEqual([
    'now',
    'daily',
    'off',
    'now',
  ])
  await section.findAll('select')[1]?.setValue('off')
  expect(section.emitted('choose')).toEqual([['sync_stale', 'off']])
  expect(section.text()).toContain(words.security)
  expect(section.text()).toContain('Europe/Berlin')
  expect(await violations()).toEqual([])
})

test('where no e-mail can be sent that is said, and nothing offered', () => {
  const section = render(NoticesMail, {
    preferences: { ...preferences, canMail: false },
    busy: false,
  })
  expect(section.text()).toContain(texts.notices.mail.none)
  expect(section.find('select').exists()).toBe(false)
})

const props = { secret: null, busy: false, testing: false, problem: null }

test('an address is set, its secret shown once, tested and removed', async () => {
  const none = { address: null, setAt: null, setBy: null, last: null }
  const section = render(NoticesWebhook, { ...props, webhook: none })
  const words = texts.notices.webhook
  expect(section.text()).toContain(words.none)
  await section.find('form').trigger('submit')
  expect(section.emitted('set')).toBeUndefined()
  await section.find('input').setValue('https://hooks.slack.example/services/T/B/x')
  await section.find('form').trigger('submit')
  expect(section.emitted('set')).toHaveLength(1)

  const webhook = { address: 'hooks.slack.example/…/B/x', setAt: at, setBy: 'ada@x', last: null }
  await section.setProps({ webhook, secret: 'pcw_once' })
  expect(section.text()).toContain('pcw_once')
  expect(section.text()).toContain(words.never)
  expect(section.find('input').element.value).toBe('')
  for (const [label, event] of [
    [words.test, 'test'],
    [words.remove, 'remove'],
  ] as const) {
    await section
      .findAll('button')
      .find(one => one.text() === label)
      ?.trigger('click')
    expect(section.emitted(event)).toHaveLength(1)
  }
  expect(await violations()).toEqual([])
})

test('what came of the last message is said in words', () => {
  const last = { at, ok: false, status: 404, problem: 'refused' as const }
  const section = render(NoticesWebhook, {
    ...props,
    webhook: { address: 'hooks.example', setAt: at, setBy: 'ada@x', last },
  })
  const words = texts.notices.webhook
  for (const sentence of [words.notTaken, words.problems.refused, words.answered(404)])
    expect(section.text()).toContain(sentence)
})
