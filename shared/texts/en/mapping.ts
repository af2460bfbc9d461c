import type { Labels, StageDrift } from '../../contracts/mapping'
import type { ConflictPolicy, FieldDirection, OwnFieldType } from '../../leads/fields'

/** /settings/hubspot/mapping */
export const mapping = {
  title: 'Mapping',
  intro: 'Match HubSpot’s stages and fields with ours, and choose the direction of each field.',
  stages: {
    title: 'Deal stages',
    text: 'Several HubSpot stages can map to one of ours. Choose which of them we write back to.',
    hubspotStage: 'HubSpot stage',
    ours: 'Our stage',
    deals: 'Deals',
    writeBack: 'Write back here',
    notMapped: 'Not mapped',
    choose: (stage: string, pipeline: string) => `Our stage for ${stage} in ${pipeline}`,
    writeTo: (stage: string, ours: string) => `Write ${ours} back as ${stage}`,
    probability: (percent: string) => `${percent} likely`,
    won: 'Won',
    lost: 'Lost',
    open: 'Open',
    suggestion: (stage: string) => `Suggested: ${stage}`,
    accept: 'Accept',
    acceptOne: (stage: string, ours: string) => `Map ${stage} to ${ours}`,
    acceptAll: (count: number) =>
      count === 1 ? 'Accept 1 suggestion' : `Accept ${count} suggestions`,
    unmapped: (count: string) => `Unmapped: ${count} deals`,
    unmappedText: 'They keep syncing; only their stage is left out.',
    allMapped: 'Every deal’s stage is mapped.',
    dealCount: (count: string, one: boolean) => (one ? '1 deal' : `${count} deals`),
    notWritable: 'HubSpot only',
    noWriteBack: (stage: string) =>
      `${stage} has no stage to write back to in this pipeline: deals that you move to ` +
      'it here keep their stage in HubSpot.',
    empty: 'This HubSpot account has no deal pipelines.',
  },
  drift: {
    title: 'HubSpot’s pipelines have changed',
    text: 'Only these mappings are paused until you review and save them.',
    kind: {
      renamed: 'was renamed',
      archived: 'was archived',
      deleted: 'was deleted',
      new: 'is new',
      read_only: 'is read-only now',
    } satisfies Record<StageDrift['kind'], string>,
    since: 'since',
    unknownStage: 'A deleted stage',
  },
  fields: {
    title: 'Fields',
    text: 'Each of our fields and the HubSpot property it maps to.',
    lead: 'Lead fields',
    deal: 'Deal fields',
    field: 'Our field',
    property: 'HubSpot property',
    direction: 'Direction',
    policy: 'When both changed',
    directions: {
      in: 'From HubSpot',
      out: 'To HubSpot',
      both: 'Both directions',
    } satisfies Record<FieldDirection, string>,
    policies: {
      hubspot_wins: 'HubSpot wins',
      local_wins: 'Ours wins',
      latest_wins: 'Latest change wins',
      fill_if_empty: 'Only fill if empty',
    } satisfies Record<ConflictPolicy, string>,
    readOnly: 'read-only in HubSpot',
    chooseProperty: (field: string) => `HubSpot property for ${field}`,
    chooseDirection: (field: string) => `Direction of ${field}`,
    choosePolicy: (field: string) => `What to do when ${field} changed on both sides`,
    readOnlyText: (property: string) =>
      `${property} is read-only in HubSpot, so it only syncs from HubSpot.`,
    samples: 'Examples',
    samplesOf: (field: string) => `Recent values for ${field}.`,
    notSynced: 'Not synced',
    gone: 'no longer in HubSpot',
    doNotSync: 'Do not sync this field',
    paused: {
      missing: 'Paused: HubSpot has this property no more. The other fields keep syncing.',
      read_only: 'Paused to HubSpot: the property is read-only now. It still syncs from HubSpot.',
      retyped:
        'Paused: the property holds another type of value now. The other fields keep syncing.',
    } satisfies Record<NonNullable<Labels['fields'][number]['paused']>, string>,
    edit: (field: string) => `Rename or delete ${field}`,
  },
  picker: {
    text: 'Search by name, or scroll.',
    search: 'Search properties',
    list: 'HubSpot properties',
    all: (count: string, one: boolean) => (one ? '1 property' : `${count} properties`),
    some: (shown: string, total: string) => `${shown} of ${total}. Type to narrow the list.`,
    type: (type: string, fieldType: string) =>
      type === 'enumeration'
        ? fieldType === 'checkbox'
          ? 'several choices'
          : 'choice'
        : ({ string: 'text', bool: 'yes/no', datetime: 'date and time' }[type] ??
          type.replaceAll('_', ' ')),
  },
  own: {
    add: 'Add field',
    addTo: { lead: 'Add a field to leads', deal: 'Add a field to deals' },
    addText: 'Take a HubSpot property as it is, or make a field that only stands here.',
    way: 'Where it comes from',
    ways: { property: 'From HubSpot', type: 'Only here' },
    label: 'Name',
    type: 'What it holds',
    types: {
      text: 'Text',
      number: 'Number',
      date: 'Date',
      datetime: 'Date and time',
      boolean: 'Yes or no',
      choice: 'One choice',
      choices: 'Several choices',
    } satisfies Record<OwnFieldType, string>,
    choices: 'Choices, one a line',
    needLabel: 'Give it a name.',
    needChoices: 'Name at least one choice.',
    added: (label: string) => `“${label}” was added`,
    addedText:
      'It stands in every lead or deal now. Values from HubSpot follow with the next sync.',
    about: (type: string, property: string | null) =>
      property ? `${type}, from HubSpot’s ${property}.` : `${type}. Not mapped to HubSpot.`,
    rename: 'Rename',
    renamed: 'Renamed',
    ask: 'Delete…',
    remove: 'Delete field',
    removed: (label: string) => `“${label}” was deleted`,
    deleted: 'Deleted fields',
    until: 'can be taken back until',
    restore: 'Take back',
    restoreOne: (label: string) => `Take ${label} back`,
    restored: (label: string) => `“${label}” is back, with its values`,
  },
  save: 'Save mapping',
  saved: 'Mapping saved',
  savedText: 'The next sync uses it.',
  changes: (count: number) => (count === 1 ? '1 unsaved change' : `${count} unsaved changes`),
  noChanges: 'No unsaved changes',
  undone: 'Undone',
  notConnectedTitle: 'Connect HubSpot first',
  notConnectedText: 'Pipelines and fields come from your HubSpot account.',
  memberText: 'Only an admin can change the mapping.',
} as const
