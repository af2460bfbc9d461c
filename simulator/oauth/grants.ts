import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { SimulatorClock } from '../clock'
import type { AppConfiguration, SimulatorSettings } from '../settings'

/** What a user allowed the app in one portal. */
export interface Installation {
  portalId: number
  scopes: string[]
  userId: number
  user: string
  installedAt: number
}

/** What ended: refresh tokens that are refused, although their signature is right. */
export interface EndedGrants {
  /** Portals and when they were last uninstalled, ms */
  uninstalledAt: [portalId: number, at: number][]
  refreshTokens: string[]
}

interface AccessToken {
  installation: Installation
  scopes: string[]
  expiresAt: number
}

interface AuthorizationCode {
  redirectUri: string
  portalId: number
  scopes: string[]
  userId: number
  user: string
  expiresAt: number
  codeChallenge: string | null
}

export interface IssuedTokens {
  accessToken: string
  refreshToken: string | null
  expiresInSeconds: number
  installation: Installation
  scopes: string[]
}

export interface Grants {
  createCode(code: Omit<AuthorizationCode, 'expiresAt'>, hublet: string): string
  /** Looks at a code without using it up; undefined for one that never was or was used. */
  code(value: string): AuthorizationCode | undefined
  /** Uses the code up and installs the app. */
  redeem(value: string, hublet: string): IssuedTokens
  /** The installation behind a refresh token that HubSpot accepts; undefined otherwise */
  byRefreshToken(token: string): Installation | undefined
  refresh(token: string, installation: Installation, hublet: string): IssuedTokens
  /** Undefined: unknown to HubSpot, or gone with its installation. It may have expired. */
  accessToken(token: string): AccessToken | undefined
  /** A token of the app itself, of no account */
  issueAppToken(scopes: string[]): { accessToken: string; expiresInSeconds: number }
  appToken(token: string): { scopes: string[]; expiresAt: number } | undefined
  revoke(refreshToken: string): void
  uninstall(portalId: number): void
  installation(portalId: number): Installation | undefined
  installations(): Installation[]
  ended(): EndedGrants
  /** Installs the app as if somebody had agreed: tokens at once, for scripts and demos. */
  install(installation: Omit<Installation, 'installedAt'>, hublet: string): IssuedTokens
  /** Takes installations from a file; their refresh tokens are known by their signature. */
  restore(installations: readonly Installation[], ended?: EndedGrants): void
  /** Makes every access token of the portal (or of all) expired from now on. */
  expireAccessTokens(portalId?: number): number
  /** Makes every refresh token of the portal invalid, as a user's uninstall in HubSpot does. */
  invalidate(portalId: number): void
}

/**
 * Codes, tokens and installations. Refresh tokens are signed and name their portal, so that a
 * simulator started again knows those it gave out before: the grants of a developer's app outlive a
 * restart, as they would at HubSpot.
 */
export function createGrants(
  app: AppConfiguration,
  settings: SimulatorSettings,
  clock: SimulatorClock,
): Grants {
  const codes = new Map<string, AuthorizationCode>()
  const accessTokens = new Map<string, AccessToken>()
  const appTokens = new Map<string, { scopes: string[]; expiresAt: number }>()
  const invalidRefreshTokens = new Set<string>()
  const refreshTokensOf = new Map<number, Set<string>>()
  const installed = new Map<number, Installation>()
  /**
   * Refresh tokens from before the portal's last uninstall count no more, whoever gave them out.
   */
  const uninstalledAt = new Map<number, number>()

  const sign = (payload: string) =>
    createHmac('sha256', `refresh:${app.clientSecret}`).update(payload).digest('base64url')

  function newRefreshToken(installation: Installation, hublet: string): string {
    const payload = Buffer.from(
      JSON.stringify({
        ...installation,
        nonce: settings.tokenMark + randomBytes(6).toString('hex'),
      }),
    ).toString('base64url')
    const token = `${hublet}-${payload}.${sign(payload)}`
    const known = refreshTokensOf.get(installation.portalId) ?? new Set()
    refreshTokensOf.set(installation.portalId, known.add(token))
    return token
  }

  const newAccessToken = () =>
    (settings.tokenMark + randomBytes(settings.accessTokenLength).toString('base64url')).slice(
      0,
      settings.accessTokenLength,
    )
  const accessEnds = () => clock.now() + settings.accessTokenSeconds * 1_000

  function issue(installation: Installation, refreshToken: string | null): IssuedTokens {
    const scopes = installation.scopes.filter(scope => !settings.ungrantedScopes.includes(scope))
    const accessToken = newAccessToken()
    accessTokens.set(accessToken, { installation, scopes, expiresAt: accessEnds() })
    return {
      accessToken,
      refreshToken,
      expiresInSeconds: settings.accessTokenSeconds,
      installation,
      scopes,
    }
  }

  function fromSignedToken(token: string): Installation | undefined {
    const [, payload = '', signature = ''] = /^[a-z]+\d-([\w-]+)\.([\w-]+)$/.exec(token) ?? []
    const expected = sign(payload)
    if (
      signature.length !== expected.length ||
      !timingSafeEqual(Buffer.from(signature), Buffer.from(expected))
    )
      return undefined
    const { portalId, scopes, userId, user, installedAt } = JSON.parse(
      Buffer.from(payload, 'base64url').toString(),
    ) as Installation
    if ((uninstalledAt.get(portalId) ?? -1) >= installedAt) return undefined
    return { portalId, scopes, userId, user, installedAt }
  }

  function install(given: Omit<Installation, 'installedAt'>, hublet: string): IssuedTokens {
    // Strictly later than an uninstall on the same millisecond, or the new grant would be taken for
    // the old one.
    const installedAt = Math.max(clock.now(), (uninstalledAt.get(given.portalId) ?? -1) + 1)
    const installation = { ...given, installedAt }
    installed.set(given.portalId, installation)
    return issue(installation, newRefreshToken(installation, hublet))
  }

  function endInstallation(portalId: number): void {
    for (const token of refreshTokensOf.get(portalId) ?? []) invalidRefreshTokens.add(token)
    refreshTokensOf.delete(portalId)
    installed.delete(portalId)
    uninstalledAt.set(portalId, clock.now())
  }

  return {
    issueAppToken(scopes) {
      const accessToken = newAccessToken()
      appTokens.set(accessToken, { scopes, expiresAt: accessEnds() })
      return { accessToken, expiresInSeconds: settings.accessTokenSeconds }
    },
    appToken: token => appTokens.get(token),
    createCode(code, hublet) {
      const value = `${hublet}-${settings.tokenMark}${[4, 2, 2, 2, 6].map(bytes => randomBytes(bytes).toString('hex')).join('-')}`
      codes.set(value, {
        ...code,
        expiresAt: clock.now() + settings.authorizationCodeSeconds * 1_000,
      })
      return value
    },
    code: value => codes.get(value),
    redeem(value, hublet) {
      const code = codes.get(value)
      if (!code) throw new Error('no such code')
      codes.delete(value)
      const { portalId, scopes, userId, user } = code
      return install({ portalId, scopes, userId, user }, hublet)
    },
    byRefreshToken: token => (invalidRefreshTokens.has(token) ? undefined : fromSignedToken(token)),
    refresh(token, installation, hublet) {
      if (!installed.has(installation.portalId)) installed.set(installation.portalId, installation)
      const known = refreshTokensOf.get(installation.portalId) ?? new Set()
      refreshTokensOf.set(installation.portalId, known.add(token))
      switch (settings.refreshTokenMode) {
        case 'omit':
          return issue(installation, null)
        case 'rotate':
          return issue(installation, newRefreshToken(installation, hublet))
        case 'rotate_and_invalidate': {
          const next = newRefreshToken(installation, hublet)
          invalidRefreshTokens.add(token)
          return issue(installation, next)
        }
        case 'same':
          return issue(installation, token)
      }
    },
    accessToken(token) {
      return accessTokens.get(token)
    },
    revoke: refreshToken => void invalidRefreshTokens.add(refreshToken),
    uninstall(portalId) {
      endInstallation(portalId)
      if (!settings.uninstallEndsAccessTokens) return
      for (const [token, { installation }] of accessTokens)
        if (installation.portalId === portalId) accessTokens.delete(token)
    },
    install,
    restore(installations, ended = { uninstalledAt: [], refreshTokens: [] }) {
      installed.clear()
      for (const installation of installations) installed.set(installation.portalId, installation)
      uninstalledAt.clear()
      for (const [portalId, at] of ended.uninstalledAt) uninstalledAt.set(portalId, at)
      invalidRefreshTokens.clear()
      for (const token of ended.refreshTokens) invalidRefreshTokens.add(token)
    },
    installation: portalId => installed.get(portalId),
    installations: () => [...installed.values()],
    ended: () => ({
      uninstalledAt: [...uninstalledAt],
      refreshTokens: [...invalidRefreshTokens],
    }),
    expireAccessTokens(portalId) {
      let expired = 0
      for (const token of accessTokens.values()) {
        if (portalId !== undefined && token.installation.portalId !== portalId) continue
        token.expiresAt = Math.min(token.expiresAt, clock.now() - 1)
        expired += 1
      }
      return expired
    },
    invalidate: endInstallation,
  }
}
