import type { FailureCause } from '#shared/contracts/failures'

/** What is known of a failure: all of it when it happens, code and message of an older one. */
export interface FailureFacts {
  /** HubSpot's code or ours, in any case */
  code: string
  message: string
  /** HubSpot's category, where it is known */
  category?: string | null
  /** HubSpot's name of the refused property, where it is known */
  property?: string | null
  /** What was asked for: values of a record, or that it is associated with others */
  during?: 'write' | 'association'
}

/** Codes and categories that say all, whatever else is known. */
const plain: readonly (readonly [RegExp, FailureCause])[] = [
  [/^STAGE_NOT_MAPPED$/, 'stage_not_mapped'],
  [/^ANSWER_MISSING$/, 'unclear_answer'],
  [/SCOPE|PERMISSION|FORBIDDEN|UNAUTHORIZED|AUTHENTICATION|REVOKED/, 'permission_lost'],
  [/LIMIT|QUOTA|TOO_MANY/, 'limit_reached'],
  [/^INTERNAL_|LOCKED|TIMEOUT|UNAVAILABLE|TRANSIENT|MIGRATION/, 'hubspot_unavailable'],
]

/** Codes of one property or record. */
const particular: readonly (readonly [RegExp, FailureCause])[] = [
  [/ASSOCIATION/, 'association_refused'],
  [/PROPERTY_(DOESNT|DOES_NOT)_EXIST|PROPERTY_NOT_FOUND|READ_?ONLY|ARCHIVED/, 'property_changed'],
  [/REQUIRED|MISSING/, 'required_missing'],
  [/CONFLICT|DUPLICATE|EXISTS|UNIQUE/, 'duplicate_address'],
  [/NOT_FOUND|DELETED|GONE/, 'record_gone'],
  [/^INVALID_(?!INPUT|REQUEST|JSON)|OPTION|LENGTH|_FORMAT|VALUE/, 'value_refused'],
]

/** What HubSpot says where it gives no code. */
const sentences: readonly (readonly [RegExp, FailureCause])[] = [
  [
    /^Unknown query parameter|^Invalid (input JSON|value "|limit|cursor)|unknown field "/,
    'our_fault',
  ],
  [/association|^(CONTACT|DEAL)=\d+ is not valid/i, 'association_refused'],
  [/required properties were not set|is required/i, 'required_missing'],
  [/^Property ".*" does not exist|read.only property/i, 'property_changed'],
  [/already exists|duplicate unique values/i, 'duplicate_address'],
  [/limit (was |is |has been )?(reached|exceeded)/i, 'limit_reached'],
  [/not valid|invalid|allowed options/i, 'value_refused'],
]

const stageProperties = new Set(['dealstage', 'pipeline'])

function firstOf(
  table: readonly (readonly [RegExp, FailureCause])[],
  texts: readonly string[],
): FailureCause | undefined {
  return table.find(([pattern]) => texts.some(text => pattern.test(text)))?.[1]
}

/**
 * The one cause, of a dozen, that a stored failure counts to. HubSpot's codes come first, its
 * sentence only where there is none that says anything. Whatever it refuses and nobody knows is our
 * fault: we sent it.
 * @see docs/hubspot-platform.md#errors
 */
export function causeOf({ code, message, category, property, during }: FailureFacts): FailureCause {
  const codes = [code, category ?? ''].map(text => text.toUpperCase())
  const clear = firstOf(plain, codes)
  if (clear) return clear
  if (during === 'association') return 'association_refused'
  // A batch's answer may have the details in its message only.
  const detail = /"error":"([A-Z_]{1,60})"/.exec(message)?.[1]
  const name = property ?? /"name":"(\w{1,100})"/.exec(message)?.[1]
  const known =
    firstOf(particular, codes.slice(0, 1)) ?? firstOf(particular, detail ? [detail] : [])
  const cause = known ?? firstOf(sentences, [message]) ?? firstOf(particular, codes.slice(1))
  // A stage may also be one that HubSpot lets no app write, or that a rule of its pipeline guards.
  if ((cause === 'value_refused' || cause === 'property_changed') && isOfStage(name, message))
    return 'stage_not_mapped'
  // Not the address, but another value that no two records may share.
  if (cause === 'duplicate_address' && name !== undefined && name !== 'email')
    return 'value_refused'
  if (cause === undefined && name !== undefined && stageProperties.has(name))
    return 'stage_not_mapped'
  return cause ?? 'our_fault'
}

/** The stage or pipeline that a deal is written to is no longer there. */
function isOfStage(name: string | undefined, message: string): boolean {
  return name === undefined
    ? / is not a valid stage of pipeline /.test(message)
    : stageProperties.has(name)
}

/** Who can mend each. */
export const whoMends: Record<FailureCause, 'partner' | 'operator' | 'hubspot'> = {
  permission_lost: 'partner',
  property_changed: 'partner',
  stage_not_mapped: 'partner',
  value_refused: 'partner',
  required_missing: 'partner',
  duplicate_address: 'partner',
  record_gone: 'partner',
  association_refused: 'partner',
  limit_reached: 'partner',
  hubspot_unavailable: 'hubspot',
  unclear_answer: 'hubspot',
  our_fault: 'operator',
}
