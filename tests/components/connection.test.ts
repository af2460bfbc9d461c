import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, test, vi } from 'vitest'
import HubspotCallbackError from '../../components/hubspot/HubspotCallbackError.vue'
import HubspotErase from '../../components/hubspot/HubspotErase.vue'
import HubspotFacts from '../../components/hubspot/HubspotFacts.vue'
import HubspotIntro from '../../components/hubspot/HubspotIntro.vue'
import HubspotPortalChange from '../../components/hubspot/HubspotPortalChange.vue'
import HubspotProgress from '../../components/hubspot/HubspotProgress.vue'
import HubspotStatus from '../../components/hubspot/HubspotStatus.vue'
import HubspotPauseDialog from '../../components/hubspot/HubspotPauseDialog.vue'
import HubspotSync from '../../components/hubspot/HubspotSync.vue'
import HubspotTrouble from '../../components/hubspot/HubspotTrouble.vue'
import HubspotWriteBack from '../../components/hubspot/HubspotWriteBack.vue'
import { callbackErrors, connectionStates } from '#shared/contracts/connection'
import { optionalScopes, requiredScopes } from '#shared/hubspot/scopes'
import { texts } from '#shared/texts/en'
import { aConnection, aRun } from './builders'
import { render, violations } from './mount'

afterEach(() => (document.body.innerHTML = ''))

describe('before connecting', () => {
  test('names every permission that will be asked for', async () => {
    const intro = render(HubspotIntro, { canConnect: true, connecting: false, wasConnected: false })
    for (const scope of [...requiredScopes, ...optionalScopes])
      expect(intro.text()).toContain(scope)
    const [connect, choose] = intro.findAll('button')
    await connect?.trigger('click')
    expect(intro.emitted('connect')).toHaveLength(1)
    await choose?.trigger('click')
    expect(intro.emitted('choose')).toHaveLength(1)
    expect(await violations()).toEqual([])
  })

  test('a member is told who can connect, and has no button', () => {
    const intro = render(HubspotIntro, {
      canConnect: false,
      connecting: false,
      wasConnected: false,
    })
    expect(intro.find('button').exists()).toBe(false)
    expect(intro.text()).toContain(texts.connection.intro.memberText)
  })
})

describe('the state in a word', () => {
  test.each([...connectionStates])('%s', state => {
    const { summary } = aConnection()
    expect(render(HubspotStatus, { summary: { ...summary, state } }).text()).toBe(
      texts.summary.word[state],
    )
  })

  test('the section says what the server says, and nothing else', () => {
    const message = 'HubSpot returns errors or does not answer.'
    const section = render(HubspotSync, {
      connection: aConnection({
        summary: {
          state: 'hubspot_unavailable',
          message,
          since: '2026-11-24T09:55:00.000Z',
          nextTryAt: '2026-11-24T10:00:00.000Z',
        },
      }),
      run: null,
      counts: null,
      canChange: true,
      pausing: false,
      starting: false,
      interrupted: false,
      prominent: true,
    })
    expect(section.text()).toContain(message)
    expect(section.text()).toContain(texts.connection.sync.since)
    expect(section.text()).toContain(texts.connection.sync.nextTry)
    expect(section.text()).not.toContain(texts.summary.in_step)
  })

  test('the facts name a sandbox as such and link to the account', async () => {
    const facts = render(HubspotFacts, {
      connection: aConnection({
        account: {
          domain: null,
          uiDomain: 'app.hubspot.com',
          hublet: 'na1',
          type: 'SANDBOX',
          currency: null,
          timeZone: null,
        },
      }),
    })
    expect(facts.text()).toContain(texts.connection.facts.sandbox)
    expect(facts.get('a').attributes('href')).toBe('https://app.hubspot.com/contacts/148211903')
    expect(await violations()).toEqual([])
  })
})

describe('progress', () => {
  test('shows count, rate and time left, and tells a screen reader', async () => {
    const progress = render(HubspotProgress, { run: aRun() })
    expect(progress.text()).toContain('500 of 2,000 records')
    expect(progress.text()).toContain('100 per second')
    expect(progress.text()).toContain('about 15 seconds left')
    expect(progress.get('[role=progressbar]').attributes('aria-valuenow')).toBe('25')
    expect(progress.get('[aria-live]').text()).toBe('Contacts: 20 percent done')
    expect(await violations()).toEqual([])
  })

  test('without a total there is no percentage and no promise', () => {
    const progress = render(HubspotProgress, { run: aRun({ total: null }) })
    expect(progress.get('[role=progressbar]').attributes('aria-valuenow')).toBeUndefined()
    expect(progress.text()).not.toContain('left')
  })
})

describe('trouble', () => {
  test('a healthy connection shows nothing', () => {
    expect(
      render(HubspotTrouble, {
        connection: aConnection(),
        canConnect: true,
        connecting: false,
      }).text(),
    ).toBe('')
  })

  test('a lost permission names the reason and offers to re-authorize', async () => {
    const trouble = render(HubspotTrouble, {
      connection: aConnection({
        status: 'revoked',
        reason: { code: 'grant_revoked', message: 'raw', at: '2026-11-24T09:00:00.000Z' },
      }),
      canConnect: true,
      connecting: false,
    })
    expect(trouble.text()).toContain(texts.connection.trouble.reasons.grant_revoked)
    await trouble.get('button').trigger('click')
    expect(trouble.emitted('reauthorize')).toHaveLength(1)
  })

  test('missing permissions are named', () => {
    const trouble = render(HubspotTrouble, {
      connection: aConnection({ missingScopes: ['crm.objects.deals.write'] }),
      canConnect: false,
      connecting: false,
    })
    expect(trouble.text()).toContain('crm.objects.deals.write')
    expect(trouble.text()).toContain(texts.connection.trouble.memberNext)
  })

  test.each(callbackErrors)("the callback's %s has words and a next step", code => {
    const notice = render(HubspotCallbackError, { code, canConnect: true, connecting: false })
    expect(notice.get('[role=alert]').text()).toContain(texts.errors.callback[code].title)
    expect(notice.text()).toContain(texts.errors.callback[code].next)
  })

  test.each(['<img src=x>', 'constructor', '__proto__', ''])(
    'an unknown code %j is never shown',
    code => {
      const notice = render(HubspotCallbackError, { code, canConnect: true, connecting: false })
      expect(notice.text()).toContain(texts.errors.unknownCallback.title)
      if (code !== '') expect(notice.text()).not.toContain(code)
    },
  )

  test('another portal is explained with a choice', async () => {
    const change = render(HubspotPortalChange, {
      before: '111',
      now: '222',
      canConnect: true,
      connecting: false,
    })
    expect(change.text()).toContain('111')
    expect(await violations()).toEqual([])
    const [accept, keep] = change.findAll('button')
    await accept?.trigger('click')
    await keep?.trigger('click')
    expect(Object.keys(change.emitted())).not.toContain('keep')
    const confirm = () =>
      [...document.querySelectorAll<HTMLButtonElement>('[role=dialog] button')].find(
        button => button.textContent?.trim() === texts.connection.portalChanged.keep,
      )
    await vi.waitFor(() => expect(confirm()).toBeDefined())
    expect(document.querySelector('[role=dialog]')?.textContent).toContain('222')
    confirm()?.click()
    expect(Object.keys(change.emitted())).toEqual(expect.arrayContaining(['accept', 'keep']))
  })
})

describe('synchronizing', () => {
  const props = {
    connection: aConnection(),
    run: null,
    counts: null,
    canChange: true,
    pausing: false,
    starting: false,
    interrupted: false,
    prominent: true,
  }

  test('an admin can start it now, and pauses it with a reason', async () => {
    const sync = render(HubspotSync, props)
    expect(await violations()).toEqual([])
    const [pause, now] = sync.findAll('button')
    await now?.trigger('click')
    await pause?.trigger('click')
    expect(sync.emitted('togglePause')).toBeUndefined()
    // It is loaded when it is first asked for.
    const dialog = await vi.waitFor(() => {
      const found = sync.findComponent(HubspotPauseDialog)
      expect(found.exists()).toBe(true)
      return found
    })
    dialog.vm.$emit('confirm', 'We clean up our pipelines')
    expect(sync.emitted('togglePause')).toEqual([['We clean up our pipelines']])
    expect(sync.emitted('sync')).toHaveLength(1)
  })

  test('while it is paused, who, why and since when are told, and resuming asks nothing', async () => {
    const summary = {
      state: 'paused' as const,
      message: 'ada@partner.example paused syncing. Reason: We clean up.',
      since: '2026-11-24T09:55:00.000Z',
      nextTryAt: null,
    }
    const sync = render(HubspotSync, {
      ...props,
      connection: aConnection({ paused: true, summary }),
    })
    expect(sync.text()).toContain(summary.message)
    expect(sync.find('time').attributes('datetime')).toBe(summary.since)
    await sync.find('button').trigger('click')
    expect(sync.emitted('togglePause')).toHaveLength(1)
  })

  test('a member sees how it stands and has no button', () => {
    const sync = render(HubspotSync, { ...props, canChange: false })
    expect(sync.findAll('button')).toHaveLength(0)
    expect(sync.text()).toContain(texts.connection.sync.title)
  })

  test('while it is paused that is said, and it cannot be started', () => {
    const message = texts.summary.paused('ada@example.com')
    const { summary } = aConnection()
    const sync = render(HubspotSync, {
      ...props,
      connection: aConnection({ paused: true, summary: { ...summary, state: 'paused', message } }),
    })
    expect(sync.text()).toContain(message)
    expect(sync.findAll('button').at(-1)?.attributes('disabled')).toBeDefined()
  })
})

describe('while the records are not chosen', () => {
  test.each([true, false])('an admin is led to their page: %s', canChange => {
    const sync = render(HubspotSync, {
      connection: aConnection({ paused: true, waitsForScope: true }),
      run: null,
      counts: null,
      canChange,
      pausing: false,
      starting: false,
      interrupted: false,
    })
    expect(sync.html().includes(texts.connection.sync.chooseRecords)).toBe(canChange)
  })
})

describe('write-back', () => {
  test('offers a preview before it is on', async () => {
    const off = render(HubspotWriteBack, {
      isOn: false,
      canChange: true,
      busy: false,
      asksOff: false,
    })
    expect(off.text()).toContain(texts.connection.writeBack.off)
    await off.get('button').trigger('click')
    expect(off.emitted('preview')).toHaveLength(1)
    expect(await violations()).toEqual([])
  })

  test('is switched off only after a question', async () => {
    const on = render(HubspotWriteBack, { isOn: true, canChange: true, busy: false, asksOff: true })
    await flushPromises()
    expect(on.emitted('off')).toBeUndefined()
    expect(document.querySelector('[role=dialog]')?.textContent).toContain(
      texts.connection.writeBack.offText,
    )
    ;[...document.querySelectorAll<HTMLButtonElement>('[role=dialog] button')]
      .find(button => button.textContent?.trim() === texts.connection.writeBack.switchOff)
      ?.click()
    expect(on.emitted('off')).toHaveLength(1)
  })
})

describe('after a disconnect', () => {
  const props = { open: true, busy: false, progress: null, 'onUpdate:open': () => {} }
  const inDialog = <E extends Element>(selector: string) => [
    ...document.querySelectorAll<E>(`[role=dialog] ${selector}`),
  ]

  test('what was imported can be taken along and erased, but not without typing the word', async () => {
    const erase = render(HubspotErase, props)
    await flushPromises()
    expect(erase.findAll('a').map(link => link.attributes('href'))).toEqual([
      '/api/v1/leads/export',
      '/api/v1/deals/export',
    ])
    const [input] = inDialog<HTMLInputElement>('input')
    const confirm = inDialog<HTMLButtonElement>('button[type=submit]')[0]
    for (const [typed, enabled] of [
      ['', false],
      ['eras', false],
      ['delete', false],
      [' Erase ', true],
    ] as const) {
      if (!input || !confirm) throw new Error('The dialog has no field or no button')
      input.value = typed
      input.dispatchEvent(new Event('input'))
      await flushPromises()
      expect([typed, !confirm.disabled]).toEqual([typed, enabled])
      inDialog<HTMLFormElement>('form')[0]?.dispatchEvent(new Event('submit', { cancelable: true }))
      expect(erase.emitted('erase')?.length ?? 0).toBe(enabled ? 1 : 0)
    }
    // The page below is hidden from assistive technology while the dialog is open; its links take
    // no focus then, which happy-dom cannot see.
    expect(
      (await violations()).filter(violation => !violation.startsWith('aria-hidden-focus')),
    ).toEqual([])
    erase.unmount()
  })

  test('progress is told, and nothing can be pressed twice', async () => {
    const erase = render(HubspotErase, {
      ...props,
      busy: true,
      progress: texts.connection.erase.progress('1,000'),
    })
    await flushPromises()
    expect(inDialog('[role=status]').map(status => status.textContent)).toContain(
      texts.connection.erase.progress('1,000'),
    )
    expect(inDialog<HTMLInputElement>('input').every(input => input.disabled)).toBe(true)
    erase.unmount()
  })
})
