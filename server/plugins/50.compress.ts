import { defineNitroPlugin } from 'nitropack/runtime'
import { compressResponse } from '../http/compress'

/** Pages and answers of the API are compressed; static files were, when they were built. */
export default defineNitroPlugin(nitro => {
  nitro.hooks.hook('beforeResponse', compressResponse)
})
