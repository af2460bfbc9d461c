import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { loadConfiguration } from '../../server/config/configuration'
import { defaultFields } from '../../server/mapping/defaults'
import { policy } from '../../server/http/policy'
import { parseWebhook } from '../../server/sync/webhooks/parse'
import { optionalScopes, requiredScopes, scopesOfFeatures } from '#shared/hubspot/scopes'
import { present } from '../support/present'

/**
 * Platform versions that HubSpot accepts for a listing today
 * (docs/hubspot-platform.md#project-files)
 */
const supportedPlatformVersions = ['2025.2', '2026.03', '2026.09']

const Uid = z.string().regex(/^[\w.-]{1,64}$/)
const Project = z.strictObject({
  name: z.string().min(1),
  srcDir: z.literal('src'),
  platformVersion: z.enum(supportedPlatformVersions),
})
const App = z.strictObject({
  uid: Uid,
  type: z.literal('app'),
  config: z.strictObject({
    name: z.string().min(1).max(200),
    description: z.string().min(1).max(8192),
    distribution: z.enum(['marketplace', 'private']),
    auth: z.strictObject({
      type: z.literal('oauth'),
      redirectUrls: z.array(z.url()).min(1),
      requiredScopes: z.array(z.string()),
      optionalScopes: z.array(z.string()),
      conditionallyRequiredScopes: z.array(z.string()),
    }),
    permittedUrls: z.strictObject({
      fetch: z.array(z.string()),
      iframe: z.array(z.string()),
      img: z.array(z.string()),
    }),
    support: z.strictObject({
      supportEmail: z.email(),
      documentationUrl: z.url(),
      supportUrl: z.url(),
      supportPhone: z.string(),
    }),
  }),
})
const Property = z.string().regex(/^[a-z0-9_]+$/, 'HubSpot knows no wildcard')
const Webhooks = z.strictObject({
  uid: Uid,
  type: z.literal('webhooks'),
  config: z.strictObject({
    settings: z.strictObject({
      targetUrl: z.url({ protocol: /^https$/ }),
      maxConcurrentRequests: z.int().gt(5),
    }),
    subscriptions: z.strictObject({
      crmObjects: z.array(
        z.strictObject({
          subscriptionType: z
            .string()
            .regex(/^object\.(creation|deletion|merge|restore|propertyChange|associationChange)$/),
          objectType: z.enum(['contact', 'deal']),
          propertyName: Property.optional(),
          active: z.literal(true),
        }),
      ),
      legacyCrmObjects: z.array(
        z.strictObject({
          subscriptionType: z.string().regex(/^(contact|deal)\.\w+$/),
          propertyName: Property.optional(),
          active: z.literal(true),
        }),
      ),
      hubEvents: z.array(z.strictObject({ subscriptionType: z.string(), active: z.literal(true) })),
    }),
  }),
})

const read = <S extends z.ZodType>(schema: S, file: string): z.output<S> =>
  schema.parse(
    JSON.parse(readFileSync(new URL(`../../hubspot-app/${file}`, import.meta.url), 'utf8')),
  )
const project = read(Project, 'hsproject.json')
const app = read(App, 'src/app/app-hsmeta.json')
const webhooks = read(Webhooks, 'src/app/webhooks/webhooks-hsmeta.json')
const { crmObjects, legacyCrmObjects, hubEvents } = webhooks.config.subscriptions

const configured = (redirectUri: string) =>
  loadConfiguration({
    NUXT_MONGODB_URI: 'mongodb://localhost',
    NUXT_AUTH_JWT_SECRET: 'q8Zr1vXw0Lk3Tn6Yb9Hc2Md5Gf7Js4Pa',
    NUXT_TOKEN_ENCRYPTION_KEYS: `k1:${Buffer.from(Array.from({ length: 32 }, (_, i) => (i * 7) % 256)).toString('base64')}`,
    NUXT_PUBLIC_HUBSPOT_CLIENT_ID: 'id',
    NUXT_HUBSPOT_CLIENT_SECRET: 'a-client-secret',
    NUXT_PUBLIC_HUBSPOT_REDIRECT_URI: redirectUri,
  })

describe('the HubSpot project', () => {
  test('is of a platform version that HubSpot takes', () => {
    expect(project.platformVersion).toBe('2026.03')
    expect(app.config.distribution).toBe('marketplace')
    expect(new Set([app.uid, webhooks.uid]).size).toBe(2)
  })

  test('asks for the scopes that the authorize URL asks for', () => {
    expect(app.config.auth.requiredScopes).toEqual([...requiredScopes])
    expect(app.config.auth.optionalScopes).toEqual([...optionalScopes, ...scopesOfFeatures])
  })

  test('names redirect URLs that the configuration accepts and the callback route answers', () => {
    for (const url of app.config.auth.redirectUrls) {
      expect(configured(url).hubspot.redirectUri).toBe(url)
      expect(
        policy.some(({ method, path }) => method === 'GET' && path === new URL(url).pathname),
      ).toBe(true)
    }
    // Those of the guide; a real one is put in their place.
    expect(app.config.auth.redirectUrls).toEqual(
      [
        'http://localhost:3000',
        'https://api.partners.belkins.io',
        'https://staging-api.partners.belkins.io',
      ].map(origin => `${origin}/v1/integrations/hubspot/callback`),
    )
  })

  test('sends webhooks to the address that follows from the public redirect URL', () => {
    const publicUrl = app.config.auth.redirectUrls.find(url => url.startsWith('https:'))
    expect(webhooks.config.settings.targetUrl).toBe(
      configured(present(publicUrl)).hubspot.webhookUrl,
    )
    expect(
      policy.some(
        ({ method, path, role }) =>
          method === 'POST' &&
          role === 'signature' &&
          path === new URL(webhooks.config.settings.targetUrl).pathname,
      ),
    ).toBe(true)
  })
})

describe('the webhook subscriptions', () => {
  const kindsOf = (type: string) =>
    crmObjects
      .filter(({ objectType }) => objectType === type)
      .map(({ subscriptionType }) => subscriptionType)
  const propertiesOf = (type: string) =>
    crmObjects
      .filter(
        ({ objectType, subscriptionType }) =>
          objectType === type && subscriptionType === 'object.propertyChange',
      )
      .map(({ propertyName }) => propertyName)

  test.each(['contact', 'deal'])('cover what happens to a %s', type => {
    expect(kindsOf(type)).toEqual(
      expect.arrayContaining([
        'object.creation',
        'object.deletion',
        'object.merge',
        'object.restore',
        'object.propertyChange',
      ]),
    )
  })

  test('cover associations and privacy deletion', () => {
    expect(legacyCrmObjects.map(({ subscriptionType }) => subscriptionType)).toContain(
      'deal.associationChange',
    )
    expect(hubEvents).toEqual([{ subscriptionType: 'contact.privacyDeletion', active: true }])
  })

  test('cover each property that is mapped unless an admin says otherwise, and the stage', () => {
    const mapped = (object: 'lead' | 'deal') =>
      defaultFields.filter(field => field.object === object).map(field => field.property)
    expect(propertiesOf('contact')).toEqual(expect.arrayContaining(mapped('lead')))
    expect(propertiesOf('deal')).toEqual(
      expect.arrayContaining([...mapped('deal'), 'dealstage', 'pipeline']),
    )
  })

  test('name a property with a property change and with nothing else, and nothing twice', () => {
    for (const { subscriptionType, propertyName } of [...crmObjects, ...legacyCrmObjects])
      expect(propertyName !== undefined).toBe(subscriptionType.endsWith('.propertyChange'))
    // A property in both lists would send every change twice.
    const classic = crmObjects.map(
      ({ subscriptionType, objectType, propertyName }) =>
        `${subscriptionType.replace('object', objectType)}:${propertyName ?? ''}`,
    )
    const all = [
      ...classic,
      ...legacyCrmObjects.map(
        ({ subscriptionType, propertyName }) => `${subscriptionType}:${propertyName ?? ''}`,
      ),
    ]
    expect(new Set(all).size).toBe(all.length)
  })

  test('are of kinds that the server understands', () => {
    const typeIds = { contact: '0-1', deal: '0-3' }
    const delivery = [
      ...crmObjects.map(({ subscriptionType, objectType, propertyName }, index) => ({
        eventId: index,
        portalId: 1,
        occurredAt: 1_790_000_000_000,
        subscriptionType,
        objectTypeId: typeIds[objectType],
        objectId: 5,
        propertyName,
      })),
      ...[...legacyCrmObjects, ...hubEvents].map(({ subscriptionType }, index) => ({
        eventId: 1000 + index,
        portalId: 1,
        occurredAt: 1_790_000_000_000,
        subscriptionType,
        objectId: 5,
        fromObjectId: 5,
        toObjectId: 6,
        associationType: subscriptionType.endsWith('associationChange')
          ? 'DEAL_TO_CONTACT'
          : undefined,
      })),
    ]
    expect(parseWebhook(Buffer.from(JSON.stringify(delivery)))).toMatchObject({
      malformed: 0,
      ignored: 0,
      events: { length: delivery.length },
    })
  })
})
