import type { Role } from '#shared/contracts/account'
import {
  preferenceKinds,
  type NoticePreferences,
  type NoticeTiming,
  type PreferenceKind,
} from '#shared/contracts/notices'
import { alertRules, type AlertKind } from './kinds'

interface Person {
  role: Role
  preferences: Partial<NoticePreferences>
}

/** Admins are told at once and members not at all, until they say otherwise. */
const byRole: Record<Role, NoticeTiming> = { admin: 'now', member: 'off' }

const isPreference = (kind: AlertKind): kind is PreferenceKind =>
  preferenceKinds.some(one => one === kind)

/** How somebody hears of a kind of notice by e-mail. What is about security nobody turns off. */
export function timingOf({ role, preferences }: Person, kind: AlertKind): NoticeTiming {
  if (isPreference(kind)) return preferences[kind] ?? byRole[role]
  return alertRules[kind].audience === 'partner' ? byRole[role] : 'off'
}

/** @returns every choice, those that were never made by their default */
export function preferencesOf(person: Person): NoticePreferences {
  return Object.fromEntries(
    preferenceKinds.map(kind => [kind, timingOf(person, kind)]),
  ) as NoticePreferences
}
