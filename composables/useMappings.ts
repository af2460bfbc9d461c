import type {
  FieldMapping,
  FieldMappingEntry,
  Labels,
  Property,
  Samples,
  StageMapping,
  StageMappingEntry,
} from '#shared/contracts/mapping'

export interface MappingDraft {
  stages: readonly StageMappingEntry[]
  fields: readonly FieldMappingEntry[]
}

const fieldKey = (entry: Pick<FieldMappingEntry, 'object' | 'field'>) =>
  `${entry.object}.${entry.field}`

function countFieldChanges(
  saved: readonly FieldMappingEntry[],
  current: readonly FieldMappingEntry[],
): number {
  const say = (entry: FieldMappingEntry | undefined) =>
    entry ? `${entry.property}/${entry.direction}/${entry.policy}` : ''
  const before = new Map(saved.map(entry => [fieldKey(entry), entry]))
  const after = new Map(current.map(entry => [fieldKey(entry), entry]))
  return [...new Set([...before.keys(), ...after.keys()])].filter(
    key => say(before.get(key)) !== say(after.get(key)),
  ).length
}

/** Stage and field mapping as one draft: edited, undone and saved together. */
export function useMappings() {
  const api = useApi()
  const stageMapping = shallowRef<StageMapping | null>(null)
  const properties = shallowRef<{ contacts: Property[]; deals: Property[] }>({
    contacts: [],
    deals: [],
  })
  const draft = useDraft<MappingDraft>(
    (saved, current) =>
      countStageChanges(saved.stages, current.stages) +
      countFieldChanges(saved.fields, current.fields),
  )
  const labels = useState<Labels | null>('hubspot-labels', () => null)
  const savedFields = shallowRef<readonly FieldMappingEntry[]>([])

  /** Of each object's properties, by name; filled after the mapping is shown, for admins only */
  const samples = shallowRef<Record<'lead' | 'deal', Samples['samples']>>({ lead: {}, deal: {} })
  async function loadSamples(): Promise<void> {
    const all = [...savedFields.value, ...(draft.current.value?.fields ?? [])]
    await Promise.all(
      (['lead', 'deal'] as const).map(async object => {
        const missing = [
          ...new Set(all.filter(entry => entry.object === object).map(entry => entry.property)),
        ].filter(name => !(name in samples.value[object]))
        if (missing.length === 0) return
        const found = await api
          .get<Samples>(
            `/integrations/hubspot/samples/${object === 'lead' ? 'contacts' : 'deals'}`,
            { properties: missing.join(',') },
          )
          .catch(() => null)
        // They only illustrate: without them the mapping is as good.
        if (found)
          samples.value = {
            ...samples.value,
            [object]: { ...samples.value[object], ...found.samples },
          }
      }),
    )
  }

  async function load(): Promise<void> {
    const base = '/integrations/hubspot'
    const [stages, fields, contacts, deals] = await Promise.all([
      api.get<StageMapping>(`${base}/stage-mapping`),
      api.get<FieldMapping>(`${base}/field-mapping`),
      api.get<{ properties: Property[] }>(`${base}/properties/contacts`),
      api.get<{ properties: Property[] }>(`${base}/properties/deals`),
    ])
    stageMapping.value = stages
    savedFields.value = fields.fields
    properties.value = { contacts: contacts.properties, deals: deals.properties }
    draft.load({ stages: stages.mapping, fields: fields.fields })
  }

  /** Saves what changed: each mapping is one whole. */
  async function save(): Promise<void> {
    const wanted = draft.current.value
    const now = stageMapping.value
    if (!wanted || !now) return
    draft.saving.value = true
    try {
      let stages = now
      let fields = savedFields.value
      if (countStageChanges(now.mapping, wanted.stages) > 0)
        stageMapping.value = stages = await api.put<StageMapping>(
          '/integrations/hubspot/stage-mapping',
          { mapping: wanted.stages },
        )
      if (countFieldChanges(savedFields.value, wanted.fields) > 0)
        savedFields.value = fields = (
          await api.put<FieldMapping>('/integrations/hubspot/field-mapping', {
            fields: wanted.fields,
          })
        ).fields
      draft.load({ stages: stages.mapping, fields })
      labels.value = null
    } finally {
      draft.saving.value = false
    }
  }

  function editStages(stages: StageMappingEntry[]): void {
    if (draft.current.value) draft.edit({ ...draft.current.value, stages })
  }
  function editField(
    place: Pick<FieldMappingEntry, 'object' | 'field'>,
    next: FieldMappingEntry | null,
  ): void {
    const now = draft.current.value
    if (!now) return
    const index = now.fields.findIndex(entry => fieldKey(entry) === fieldKey(place))
    const fields = [...now.fields]
    if (next === null) fields.splice(index, index < 0 ? 0 : 1)
    else if (index < 0) fields.push(next)
    else fields[index] = next
    draft.edit({ ...now, fields })
  }

  return {
    stageMapping,
    properties,
    draft,
    samples,
    loadSamples,
    load,
    save,
    editStages,
    editField,
  }
}
