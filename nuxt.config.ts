import { fileURLToPath } from 'node:url'

const ownErrorHandler = fileURLToPath(new URL('./server/http/error-handler.ts', import.meta.url))

const sharedDirectory = fileURLToPath(new URL('./shared', import.meta.url))

export default defineNuxtConfig({
  compatibilityDate: '2026-11-01',
  future: { compatibilityVersion: 4 },
  modules: [
    '@nuxt/ui',
    '~/modules/dev-defaults/index',
    // Nuxt drops `onServerPrefetch` from the browser's code. Vue counts components that have it
    // when it makes ids, so ids made on the server and in the browser would differ.
    (_options, nuxt) => {
      const { client } = nuxt.options.optimization.treeShake.composables
      client.vue = client.vue?.filter(name => name !== 'onServerPrefetch') ?? []
    },
  ],
  telemetry: false,
  // Tests build and run dev beside tools that read .nuxt: each then has a folder of its own.
  buildDir: process.env.NUXT_BUILD_DIR || '.nuxt',
  devtools: { enabled: false },
  typescript: {
    strict: true,
    tsConfig: { compilerOptions: { noUncheckedIndexedAccess: true, noImplicitOverride: true } },
  },
  css: ['~/assets/css/main.css'],
  ui: { fonts: false },
  // Icons are inlined SVG from the bundle: nothing is fetched, and no style element is added that a
  // strict CSP would refuse.
  icon: {
    provider: 'none',
    mode: 'svg',
    clientBundle: {
      scan: {
        globInclude: [
          '{components,composables,layouts,pages,utils}/**/*.{vue,ts}',
          '{app,error}.vue',
          'app.config.ts',
        ],
      },
    },
  },
  // Switching the transitions off for a moment takes an inline style, which the content security
  // policy refuses.
  colorMode: { preference: 'system', fallback: 'light', disableTransition: false },
  // A page's links fetch their page's scripts when somebody turns to them, not while this page
  // still loads.
  experimental: {
    componentIslands: false,
    appManifest: false,
    defaults: { nuxtLink: { prefetchOn: { visibility: false, interaction: true } } },
  },
  // One cached stylesheet instead of 150 kB inlined into every answer.
  features: { inlineStyles: false },
  app: {
    head: {
      htmlAttrs: { lang: 'en' },
      titleTemplate: '%s · Partner Connector',
      meta: [
        { name: 'viewport', content: 'width=device-width, initial-scale=1' },
        {
          name: 'description',
          content: 'Your HubSpot contacts and deals, in step with your leads.',
        },
      ],
      link: [{ rel: 'icon', type: 'image/svg+xml', href: '/favicon.svg' }],
    },
  },
  // Every key can be set when the built server starts: NUXT_MONGODB_URI, NUXT_AUTH_JWT_SECRET and
  // so on (.env.example). Nothing secret has a value here: what stands here is baked into the
  // build.
  runtimeConfig: {
    mongodbUri: '',
    mongodbDatabase: '',
    authJwtSecret: '',
    tokenEncryptionKeys: '',
    hubspotClientSecret: '',
    hubspotApiBaseUrl: '',
    hubspotApiVersion: '',
    hubspotWebhookUrl: '',
    hubspotSyncInterval: '',
    hubspotRequestsPerTenSeconds: '',
    hubspotSearchesPerSecond: '',
    hubspotTokenRoute: '',
    trustedProxies: '',
    /** `false`: this process serves pages and stores jobs, others work */
    worker: '',
    logLevel: '',
    smtpUrl: '',
    alertFrom: '',
    auditRetentionDays: '',
    noticeWebhookAnywhere: '',
    public: {
      hubspotClientId: '',
      hubspotRedirectUri: '',
      hubspotAuthorizeUrl: '',
      /**
       * JSON `[{email, password, role}]`: the sign-in form offers these. Only dev and preview set
       * it.
       */
      demoAccounts: '',
    },
  },
  nitro: {
    typescript: { strict: true },
    esbuild: { options: { target: 'node20' } },
    // One process serves its own scripts: compressed once, at build time.
    compressPublicAssets: { gzip: true, brotli: true },
  },
  vite: { build: { sourcemap: false } },
  hooks: {
    // Nuxt would have every page's scripts fetched ahead with the first page: the whole
    // application, whoever came for one page.
    'build:manifest'(manifest) {
      for (const file of Object.values(manifest)) if (file.isDynamicEntry) file.prefetch = false
    },
    // Nuxt leaves shared/ out of its page bundle and then loses the way to it when it was imported
    // by a relative path. It is small: it goes in.
    'vite:extendConfig'(config, { isServer }) {
      const output = config.build?.rollupOptions
      if (isServer && Array.isArray(output?.external))
        output.external = output.external.filter(
          item => !(item instanceof RegExp && item.test(`${sharedDirectory}/`)),
        )
    },
    // Ours comes first: no URL, stack or provider text leaves in an error. Nuxt's own then renders
    // error.vue for pages.
    'nitro:config'(nitro) {
      // The icons are in the client bundle; their server route would ask a stranger's server for
      // what it does not know.
      nitro.handlers = nitro.handlers?.filter(handler => !handler?.route?.includes('_nuxt_icon'))
      nitro.errorHandler = [ownErrorHandler, nitro.errorHandler]
        .flat()
        .filter(handler => handler !== undefined)
    },
  },
  ignore: ['simulator/**', 'tests/**', 'bench/**', 'scripts/**', '.data/**'],
})
