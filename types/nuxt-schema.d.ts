import type { NitroConfig } from 'nitropack/types'

// Two majors of @nuxt/schema stand side by side (nuxt's own and its modules'); the newer one learns
// here which Nitro this is.
declare module '@nuxt/schema' {
  interface NitroTypes {
    config: NitroConfig
  }
}
