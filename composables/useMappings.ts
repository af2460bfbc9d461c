import type { Field, FieldCreate, FieldList, FieldLoss } from '#shared/contracts/fields'
import type {
  FieldMapping,
  FieldMappingEntry,
  Labels,
  Property,
  Samples,
  StageMapping,
  StageMappingEntry,
} from '#shared/contracts/mapping'
import { dealFields, leadFields } from '#shared/leads/fields'

export interface MappingDraft {
  stages: readonly StageMappingEntry[]
  fields: readonly FieldMappingEntry[]
}

/** So many properties one request may ask samples of. */
const maxSampled = 100

const isBuiltIn = (object: 'lead' | 'deal', field: string): boolean =>
  (object === 'lead' ? leadFields : dealFields).some(one => one === field)

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
  const { fields: own } = useOwnFields()
  const base = '/integrations/hubspot'
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
        for (let start = 0; start < missing.length; start += maxSampled) {
          const found = await api
            .get<Samples>(`${base}/samples/${object === 'lead' ? 'contacts' : 'deals'}`, {
              properties: missing.slice(start, start + maxSampled).join(','),
            })
            .catch(() => null)
          // They only illustrate: without them the mapping is as good.
          if (found)
            samples.value = {
              ...samples.value,
              [object]: { ...samples.value[object], ...found.samples },
            }
        }
      }),
    )
  }

  async function load(): Promise<void> {
    const [added, stages, fields, contacts, deals] = await Promise.all([
      api.get<FieldList>('/fields'),
      api.get<StageMapping>(`${base}/stage-mapping`),
      api.get<FieldMapping>(`${base}/field-mapping`),
      api.get<{ properties: Property[] }>(`${base}/properties/contacts`),
      api.get<{ properties: Property[] }>(`${base}/properties/deals`),
    ])
    own.value = added
    stageMapping.value = stages
    savedFields.value = fields.fields
    properties.value = { contacts: contacts.properties, deals: deals.properties }
    draft.load({ stages: stages.mapping, fields: fields.fields })
  }

  /** Stages that HubSpot deleted cannot be mapped any more. */
  function withoutDeleted(
    { pipelines }: StageMapping,
    entries: readonly StageMappingEntry[],
  ): StageMappingEntry[] {
    const there = new Set(
      pipelines.flatMap(({ id, stages }) =>
        stages.map(stage => stageKey({ pipelineId: id, stageId: stage.id })),
      ),
    )
    return entries.filter(entry => there.has(stageKey(entry)))
  }

  /**
   * Saves what changed: each mapping is one whole.
   * @param confirms the stages are saved even where nothing was edited: that settles their drift
   */
  async function save(confirms = false): Promise<void> {
    const wanted = draft.current.value
    const now = stageMapping.value
    if (!wanted || !now) return
    draft.saving.value = true
    try {
      let stages = now
      let fields = savedFields.value
      if (confirms || countStageChanges(now.mapping, wanted.stages) > 0)
        stageMapping.value = stages = await api.put<StageMapping>(`${base}/stage-mapping`, {
          mapping: withoutDeleted(now, wanted.stages),
        })
      if (countFieldChanges(savedFields.value, wanted.fields) > 0) {
        // Somebody may have added a field since this page was opened: its mapping stays.
        const fresh = (await api.get<FieldMapping>(`${base}/field-mapping`)).fields
        const rebased = rebaseFields(savedFields.value, wanted.fields, fresh)
        savedFields.value = fields = (
          await api.put<FieldMapping>(`${base}/field-mapping`, { fields: rebased })
        ).fields
      }
      draft.load({ stages: stages.mapping, fields })
      labels.value = null
    } finally {
      draft.saving.value = false
    }
  }

  /** Shows fields and their mapping as they are now; what was edited here stays edited. */
  async function reloadFields(): Promise<void> {
    const [added, { fields: fresh }] = await Promise.all([
      api.get<FieldList>('/fields'),
      api.get<FieldMapping>(`${base}/field-mapping`),
    ])
    const before = savedFields.value
    own.value = added
    savedFields.value = fresh
    const isThere = ({ object, field }: FieldMappingEntry) =>
      isBuiltIn(object, field) ||
      added.items.some(one => one.object === object && one.key === field)
    draft.rebase({ stages: stageMapping.value?.mapping ?? [], fields: fresh }, edited => ({
      ...edited,
      fields: rebaseFields(before, edited.fields, fresh).filter(isThere),
    }))
    labels.value = null
  }

  async function changeFields<T>(work: () => Promise<T>): Promise<T> {
    const result = await work()
    await reloadFields()
    return result
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
    addField: (field: FieldCreate) => changeFields(() => api.post<Field>('/fields', field)),
    renameField: (id: string, label: string) =>
      changeFields(() => api.patch<Field>(`/fields/${id}`, { label })),
    /** What deleting a field would take away */
    askLoss: (id: string) => api.remove<FieldLoss>(`/fields/${id}?dryRun=true`),
    deleteField: (id: string) => changeFields(() => api.remove<FieldLoss>(`/fields/${id}`)),
    restoreField: (id: string) => changeFields(() => api.post<Field>(`/fields/${id}/restore`)),
  }
}
