import { randomBytes } from 'node:crypto'
import { defineNitroPlugin } from 'nitropack/runtime'
import { contentSecurityPolicy, securityHeaders } from '../http/security-headers'
import { useServices } from '../http/services'

/**
 * Security headers on every answer, whoever gives it: pages, API, static files and errors. Pages
 * get a nonce of their own.
 */
export default defineNitroPlugin(nitro => {
  nitro.hooks.hook('request', event => {
    const { configuration } = useServices(event)
    for (const [name, value] of Object.entries(
      securityHeaders({ https: configuration.origin.startsWith('https:') }),
    ))
      event.node.res.setHeader(name, value)
    if (!import.meta.dev)
      event.node.res.setHeader('Content-Security-Policy', contentSecurityPolicy(null))
  })

  nitro.hooks.hook('render:html', (html, { event }) => {
    if (import.meta.dev) return
    const nonce = randomBytes(18).toString('base64')
    const withNonce = (part: string) =>
      part.replace(/<(script|style|link)(?=[\s>])(?![^>]*\snonce=)/g, `<$1 nonce="${nonce}"`)
    html.head = html.head.map(withNonce)
    html.bodyPrepend = html.bodyPrepend.map(withNonce)
    html.bodyAppend = html.bodyAppend.map(withNonce)
    event.node.res.setHeader('Content-Security-Policy', contentSecurityPolicy(nonce))
  })

  nitro.hooks.hook('render:response', (response, { event }) => {
    delete response.headers?.['x-powered-by']
    event.node.res.removeHeader('x-powered-by')
    if (response.headers) response.headers['cache-control'] = 'no-store'
  })
})
