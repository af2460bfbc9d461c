import { mountSuspended, registerEndpoint } from '@nuxt/test-utils/runtime'
import { flushPromises } from '@vue/test-utils'
import { createError, readBody } from 'h3'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { requiredScopes } from '#shared/hubspot/scopes'
import { texts } from '#shared/texts/en'
import type { Me } from '#shared/contracts/account'
import LoginPage from '../../pages/login.vue'
import { aConnection } from './builders'

/**
 * What Nuxt itself does for the pages: its router with our middleware, its runtime config, its
 * `$fetch`. The API behind it is answered here.
 */
const me: Me = {
  user: { id: '0'.repeat(24), email: 'ada@example.com', role: 'admin' },
  partner: { id: '1'.repeat(24), name: 'Example' },
}
const route = () => useNuxtApp().$router.currentRoute.value

beforeEach(async () => {
  useMe().value = null
  await navigateTo('/reset')
})
afterEach(() => {
  clearNuxtState(['me', 'hubspot-connection'])
  void clearError()
  vi.restoreAllMocks()
})

describe('who comes to a page', () => {
  test('without a session goes to the form, and the address says where to go on', async () => {
    await navigateTo('/settings/hubspot/mapping?object=deal')
    expect([route().path, route().query.next]).toEqual([
      '/login',
      '/settings/hubspot/mapping?object=deal',
    ])
  })

  test('with one stays, and does not see the form again', async () => {
    useMe().value = me
    await navigateTo('/settings/account')
    expect(route().path).toBe('/settings/account')
    await navigateTo('/login?next=/settings/audit')
    expect(route().path).toBe('/settings/audit')
  })

  test('adds a passkey first where that is asked of the role', async () => {
    useMe().value = { ...me, user: { ...me.user, mustAddPasskey: true } }
    await navigateTo('/settings/audit')
    expect(route().path).toBe('/settings/account')
  })

  test('is told when the server cannot say who it is, and the address stays', async () => {
    useMe().value = undefined
    const restore = registerEndpoint('/api/v1/auth/me', () => {
      throw createError({ statusCode: 503, data: { code: 'database_unavailable' } })
    })
    await expect(Promise.resolve(navigateTo('/settings/audit'))).rejects.toMatchObject({
      statusCode: 503,
      data: { code: 'database_unavailable' },
    })
    restore()
    expect(route().path).toBe('/reset')
  })
})

describe('the sign-in form', () => {
  const filled = async () => {
    const page = await mountSuspended(LoginPage, { route: '/login?next=/settings/keys' })
    await page.get('[name=email]').setValue('ada@example.com')
    await page.get('[name=password]').setValue('a password of hers')
    await page.get('form').trigger('submit')
    return page
  }

  test('sends what was typed, and leads on to where the person came from', async () => {
    const sent = vi.fn()
    const restore = registerEndpoint('/api/v1/auth/login', {
      method: 'POST',
      handler: async event => {
        sent(await readBody(event))
        return me
      },
    })
    const page = await filled()
    await vi.waitFor(() => expect(route().path).toBe('/settings/keys'))
    expect(sent.mock.calls).toEqual([
      [{ email: 'ada@example.com', password: 'a password of hers' }],
    ])
    expect(useMe().value).toEqual(me)
    page.unmount()
    restore()
  })

  test('says what was refused, and stays', async () => {
    const restore = registerEndpoint('/api/v1/auth/login', {
      method: 'POST',
      handler: () => {
        throw createError({ statusCode: 401, data: { code: 'invalid_credentials' } })
      },
    })
    const page = await filled()
    await vi.waitFor(() =>
      expect(page.text()).toContain(texts.errors.api.invalid_credentials.title),
    )
    expect([route().path, useMe().value]).toEqual(['/login', null])
    page.unmount()
    restore()
  })
})

test('Connect leaves for the address that the runtime config names, with the state of the server', async () => {
  const restore = registerEndpoint('/api/v1/integrations/hubspot/connect', {
    method: 'POST',
    handler: () => ({ state: 'of-the-server', expiresAt: '2026-11-24T10:10:00.000Z' }),
  })
  const { public: config } = useRuntimeConfig()
  Object.assign(config, {
    hubspotAuthorizeUrl: 'https://app.hubspot.com/oauth/authorize',
    hubspotClientId: 'the-client',
    hubspotRedirectUri: 'https://app.example.com/v1/integrations/hubspot/callback',
  })
  const left = vi.spyOn(window.location, 'assign').mockImplementation(() => undefined)
  useState('hubspot-connection').value = aConnection()
  await useHubspotConnection().connect()
  await flushPromises()
  const url = new URL(String(left.mock.calls[0]?.[0]))
  expect(url.origin + url.pathname).toBe('https://app.hubspot.com/oauth/authorize')
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    client_id: 'the-client',
    redirect_uri: 'https://app.example.com/v1/integrations/hubspot/callback',
    scope: requiredScopes.join(' '),
    state: 'of-the-server',
  })
  expect(url.search).toContain('%20')
  restore()
})
