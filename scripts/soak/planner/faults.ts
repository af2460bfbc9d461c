/** A small mistake as somebody could make it: text of the production code, and what replaces it. */
export interface Fault {
  name: string
  /** A space stands for any white space, or none: formatting is no change */
  changes: { from: string; to: string }[]
}

const fault = (name: string, ...texts: [from: string, to: string][]): Fault => ({
  name,
  changes: texts.map(([from, to]) => ({ from, to })),
})

/**
 * Each is to be found by the histories. `from` must occur in the production code exactly once.
 * Where that code has changed, put the fault into what stands there now.
 */
export const faults: readonly Fault[] = [
  // One field
  fault('our side always counts as changed', [
    'const localChanged = base === undefined ? local !== null : !same(local, base)',
    'const localChanged = local !== null',
  ]),
  fault("HubSpot's side always counts as changed", [
    'const remoteChanged = base === undefined ? remote !== null : !same(remote, base)',
    'const remoteChanged = remote !== null',
  ]),
  fault('without a base a missing value overwrites', [
    'const remoteChanged = base === undefined ? remote !== null :',
    'const remoteChanged = base === undefined ? true :',
  ]),
  fault('of two edits at one instant ours wins', [
    'state.localChangedAt > state.remoteChangedAt)',
    'state.localChangedAt >= state.remoteChangedAt)',
  ]),
  fault('the local side wins only where it is later', [
    "if (policy === 'local_wins') return write(policy, true)",
    '',
  ]),
  fault('an outbound field is written whether or not it changed', [
    "if (direction === 'out') return localChanged",
    "if (direction === 'out') return local !== null",
  ]),
  fault('an inbound field takes only what nobody changed here', [
    "if (direction === 'in') return remoteChanged",
    "if (direction === 'in') return remoteChanged && !localChanged",
  ]),
  fault('what was taken over is not remembered as agreed', [
    "agreed: true, decision: 'took_hubspot'",
    "agreed: false, decision: 'took_hubspot'",
  ]),
  fault('what is the same on both sides is not remembered as agreed', [
    "agreed: true, decision: 'equal'",
    "agreed: false, decision: 'equal'",
  ]),
  fault("the record's date stands for each of its values", [
    'remoteChangedAt: state.remoteAt[rule.property] ?? state.modifiedAt',
    'remoteChangedAt: state.modifiedAt',
  ]),
  fault('when an edit was made here is forgotten', [
    'localChangedAt: state.changedAt[rule.field] ?? null',
    'localChangedAt: null',
  ]),
  // Values
  fault('telephone numbers are compared to the letter', [
    "case 'phone': return comparablePhone(trimmed)",
    "case 'phone': return trimmed",
  ]),
  fault('amounts are compared to the letter', [
    'return canonicalDecimal(trimmed) ?? trimmed',
    'return trimmed',
  ]),
  fault(
    'addresses in other letters are other addresses',
    ["case 'email': return trimmed.toLowerCase()", "case 'email': return trimmed"],
    [
      "case 'email': case 'choice': return trimmed.toLowerCase()",
      "case 'email': return trimmed; case 'choice': return trimmed.toLowerCase()",
    ],
  ),
  // A whole record
  fault('the date of what arrived is not kept', [
    'const modifiedAt = (incoming && instant(incoming.updatedAt)) ?? knownModifiedAt',
    'const modifiedAt = knownModifiedAt',
  ]),
  fault('a linked lead goes on waiting for a contact by its address', [
    'local_email: hubspot_id === null ? values.email : null',
    'local_email: values.email',
  ]),
  fault('conflicts are not noted', [
    "report => report.conflict || report.decision === 'refused'",
    "report => report.decision === 'refused'",
  ]),
  fault('an archived record can be marked as to be written', [
    'if (isParted(record)) return archivedInHubspot',
    '',
  ]),
  // Stages
  fault("HubSpot's old stage overwrites ours", [
    'if (mapped === base || mapped === null)',
    'if (mapped === null)',
  ]),
  fault('a stage taken from HubSpot is not remembered as agreed', [
    'if (!localChanged) return { stage: mapped, base: mapped,',
    'if (!localChanged) return { stage: mapped, base,',
  ]),
  // Ties
  fault("HubSpot's ties overwrite a pending one of ours", [
    'const isSettled = remote !== undefined && !deal.associations_dirty',
    'const isSettled = remote !== undefined',
  ]),
  fault('a pending tie counts as written', [
    'associations_dirty: deal.associations_dirty && !areAssociationsEqual(merged, leads)',
    'associations_dirty: false',
  ]),
  fault('a tie alone does not mark a deal as to be written', [
    'Object.keys(writes).length > 0 || (hasAssociations(next) && next.associations_dirty && !next.associations_stuck)',
    'Object.keys(writes).length > 0',
  ]),
  fault('a tie parted here is not parted in HubSpot', [
    'const remove = [...new Set([...deal.hubspot_contact_ids, ...added])].filter(id =>',
    'const remove = [...new Set([...deal.hubspot_contact_ids, ...added])].filter(id => false &&',
  ]),
  // What is written
  fault('inbound fields are sent with a create', [
    "if (rule.direction !== 'in' && !rule.paused && value !== null)",
    'if (!rule.paused && value !== null)',
  ]),
  fault('what was sent is not remembered as agreed', [
    'base: { ...current.base, ...fresh }',
    'base: current.base',
  ]),
  fault('the stage that was sent is not remembered as agreed', [
    'agreed.dealstage === undefined ? deal.stage_base :',
    'true ? deal.stage_base :',
  ]),
  fault('what a create sent is looked for as it is now', [
    'write.record.create_intent?.sent ?? write.properties',
    'write.properties',
  ]),
  fault('what a create made is taken for older than it', [
    'Date.parse(object.createdAt) >= at - clockSkewMs',
    'Date.parse(object.createdAt) < at - clockSkewMs',
  ]),
  // What arrives
  fault('what arrives late overwrites what is newer', [
    'stored.hubspot_modified_at !== null && at < stored.hubspot_modified_at',
    'false',
  ]),
  fault('what arrives with the same date is ignored', [
    'stored.hubspot_modified_at !== null && at < stored.hubspot_modified_at',
    'stored.hubspot_modified_at !== null && at <= stored.hubspot_modified_at',
  ]),
  fault('what is restored in HubSpot stays archived here', [
    'sending: wasLinked ? stillSending(document, own) : null, archived_at: null,',
    'sending: wasLinked ? stillSending(document, own) : null,',
  ]),
  fault('what a lost create sent is not remembered as agreed', [
    ': ofOwnCreate(document, record, rules)',
    ': {}',
  ]),
  fault('another base is taken from a record linked before', [
    'const before = isKnown ?',
    'const before = true ?',
  ]),
  fault('the revision stands still as HubSpot changes a record', [
    '...touched(remembered), revision: stored.revision + 1',
    '...touched(remembered), revision: stored.revision',
  ]),
  fault('what HubSpot changed here is not told', [
    "side: 'hubspot', kind, cause, fields }",
    "side: 'hubspot', kind, cause, fields: [] }",
  ]),
  fault('our own update that comes back counts as a change of HubSpot', [
    '? ofLastUpdate(document, record, rules)',
    '? {}',
  ]),
  fault('what a create without an answer made is not told by what it began with', [
    'return initial && hasTexts(rules, sent, initial) ? sent : {}',
    'return {}',
  ]),
  fault('ties of our own that come back count as ties of HubSpot', [
    'if (own.length === 0 && known.length === deal.hubspot_contact_ids.length) return deal',
    'return deal',
  ]),
  fault('ties that were read before others overwrite them', [
    'known <= now && readAt < known',
    'false',
  ]),
  fault('the answer to a write hides what changed in HubSpot before it', [
    'const seenAt = record.hubspot_seen_at ?? record.hubspot_modified_at',
    'const seenAt = record.hubspot_modified_at',
  ]),
  // Two that are one
  fault('a copy overwrites what was edited while its create had no answer', [
    '(isEdited(own, agreed, rule) || !hasCopySay(rule)) && (!isCopyEdited || isLater(field))',
    'false',
  ]),
  fault('a tie parted before the copy was taken over comes back', [
    'const kept = copy.lead_ids.filter(id => !has(removed, id) && !has(added, id))',
    'const kept = copy.lead_ids.filter(id => !has(added, id))',
  ]),
  fault('an outbound value goes as a copy is taken over', [
    "direction !== 'out' && ((copied",
    '((copied',
  ]),
  fault('a copy that was taken over before a kill is taken over as if it were the first time', [
    'return isTaken && hasAssociations(waiting)',
    'return false && hasAssociations(waiting)',
  ]),
  fault('a lead comes back to deals that parted from its copy', [
    'return record.hubspot_id === hubspotId || record.create_intent?.object_id === hubspotId',
    'return record.hubspot_id === hubspotId',
  ]),
  fault('a list brings back what was archived since it was read', [
    "return stored ? stored.archived_at !== null : leave === 'not_live'",
    "return stored ? false : leave === 'not_live'",
  ]),
  fault('the edits of a record that goes are not carried over', [
    'if (!isEdited(otherValues, other, rule)) continue',
    'continue',
  ]),
  fault('the edits of a record that goes overwrite those of the one that stays', [
    'if (isEdited(values, { base, base_days: baseDays }, rule)) continue',
    '',
  ]),
  fault('a carried edit leaves behind what it was made upon', ['base[property] = upon.text', '']),
  fault('a carried edit leaves behind when it was made', [
    'changedAt[field] = other.changed_at[field] ?? now',
    '',
  ]),
  // What is taken back
  fault('an undo overwrites what somebody changed since', [
    'if (!same(field, rule, now, to)) plan.skipped.push(since(field))',
    'if (false) plan.skipped.push(since(field))',
  ]),
  fault('an undo sets what stands there already', [
    'else plan.changes.push({ field, now, after: from })',
    'else plan.changes.push({ field, now, after: to })',
  ]),
  fault('the history does not say what an edit changed', [
    'const changes = changesBetween(current, edited)',
    'const changes = changesBetween(edited, edited)',
  ]),
  fault('the history does not say which operation made an edit', [
    "kind: 'edited', by, cause, fields: changes }",
    "kind: 'edited', by, fields: changes }",
  ]),
  fault('an undo clears here what the mapping lets HubSpot keep', [
    'else if (rule && from === null && isFilledForGood(record, rule))',
    'else if (false)',
  ]),
  // What is synced
  fault('a record that comes back into the scope stays stopped', [
    '...(document.sync.scope ? { sync: { ...document.sync, scope: null } } : {}),',
    '',
  ]),
  fault('a record that leaves the scope goes on', ['outOfScope({ rule, message, since }),', '{},']),
  fault('a deal waits for a lead that the scope leaves out', ['!lead.sync.scope &&', '']),
  // Fields that admins added
  fault('a set of choices is decided as one value', [
    "if (rule.kind === 'options') return mergeOptions(rule, base ?? null, local, remote)",
    '',
  ]),
  fault('a choice that one side took back comes again', [
    'isTheirs === before.includes(option) ? ours.includes(option) : isTheirs',
    'isTheirs || ours.includes(option)',
  ]),
  fault('"only fill if empty" overwrites', [
    "if (remoteChanged && local === null && direction !== 'out')",
    "if (remoteChanged && direction !== 'out')",
  ]),
  fault('"only fill if empty" fills nothing in HubSpot', [
    "if (localChanged && remote === null && direction !== 'in') return write(policy)",
    '',
  ]),
  fault('yes or no is taken to the letter', [
    "return lower === 'true' || lower === 'false' ? lower : undefined",
    'return undefined',
  ]),
]
