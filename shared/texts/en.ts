import { account } from './en/account'
import { activity, health, installation } from './en/activity'
import { common, errorPage, login } from './en/common'
import { connection } from './en/connection'
import {
  apiErrors,
  callbackErrors,
  networkError,
  unknownCallbackError,
  unknownError,
} from './en/errors'
import { failurePage, failures } from './en/failures'
import { leads } from './en/leads'
import { lists } from './en/lists'
import { mapping } from './en/mapping'
import { notices } from './en/notices'
import { audit, keys, ownSignIn, people, signIn, stepUp } from './en/people'
import { scope } from './en/scope'
import { setup } from './en/setup'
import { summary } from './en/summary'

/** Every sentence of the pages, in English. A translation is another object of this shape. */
export const texts = {
  common,
  errorPage,
  login,
  account,
  connection,
  failures,
  failurePage,
  leads,
  lists,
  mapping,
  notices,
  scope,
  setup,
  activity,
  health,
  installation,
  summary,
  people,
  audit,
  keys,
  stepUp,
  signIn,
  ownSignIn,
  errors: {
    api: apiErrors,
    callback: callbackErrors,
    network: networkError,
    unknown: unknownError,
    unknownCallback: unknownCallbackError,
  },
} as const
export type Texts = typeof texts
