import { registerEndpoint } from '@nuxt/test-utils/runtime'
import { createError } from 'h3'
import { _api } from '@iconify/vue'

// Nobody is signed in when the app starts; a test signs in by `useMe`.
registerEndpoint('/api/v1/auth/me', () => {
  throw createError({ statusCode: 401, data: { code: 'not_signed_in' } })
})

// Icons come from the bundle in the app; here there are none, and none is fetched.
_api.setFetch(() => Promise.resolve(new Response('{}')))
