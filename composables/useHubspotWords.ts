import { computed } from 'vue'
import type { Labels } from '#shared/contracts/mapping'
import { dealStageLabels, type DealStage } from '#shared/leads/stages'
import { texts } from '#shared/texts/en'
import { readableValue } from '../utils/own-values'

/** HubSpot's stages stand in the same field as ours: by id, on its side only. */
export interface StagePlace {
  pipelineId: string | null
  stageId: string | null
}

const fieldNames: Record<string, string> = {
  ...texts.leads.field,
  ...texts.leads.dealField,
  stage: texts.leads.stage,
  leadIds: texts.leads.columns.leads,
}

/** As long as no mapping is known (`server/mapping/defaults.ts`). */
const inboundByDefault = ['lifecycleStage']

/**
 * Words for what is stored as names and ids: HubSpot's own where they are known, ours else, and the
 * value as it is where nobody has a word for it.
 */
export function useHubspotWords() {
  const labels = useState<Labels | null>('hubspot-labels', () => null)
  const { day } = useLocaleSettings()
  const own = useOwnFields()
  const asRead = useValueWords()
  const fieldOf = (field: string) => labels.value?.fields.find(one => one.field === field)

  function stage({ pipelineId, stageId }: StagePlace): string | null {
    if (stageId === null) return null
    const known = labels.value?.stages.filter(one => one.stageId === stageId) ?? []
    const found = known.find(one => one.pipelineId === pipelineId) ?? known[0]
    if (!found) return stageId
    return new Set(labels.value?.stages.map(one => one.pipelineId)).size > 1
      ? `${found.label} (${found.pipeline})`
      : found.label
  }

  return {
    /** Our name of a field */
    field: (field: string): string => fieldNames[field] ?? own.byKey(field)?.label ?? field,
    /** HubSpot's label of the property that a field travels as; `null` when it is not known */
    property: (field: string, property: string | null): string | null => {
      if (field === 'stage') return texts.leads.hubspotStage
      const known = fieldOf(field)
      return known && known.property === property ? known.label : null
    },
    /** A value of a field as people say it */
    value(field: string, value: string | null): string | null {
      if (value === null || value === '' || field === 'currency') return value
      if (field === 'closeDate')
        return day(/^\d{4}-\d{2}-\d{2}T/.test(value) ? value.slice(0, 10) : value)
      if (field === 'stage')
        return dealStageLabels[value as DealStage] ?? stage({ pipelineId: null, stageId: value })
      const added = field in fieldNames ? undefined : own.byKey(field)
      if (added) return readableValue(added, value, asRead)
      return (
        fieldOf(field)?.options.find(option => option.value === value)?.label ??
        (field === 'lifecycleStage' ? texts.leads.lifecycleStages[value] : undefined) ??
        value
      )
    },
    /** Whether values of a field may be changed here; while no mapping is known, as by default */
    isEditable: (field: string): boolean =>
      labels.value ? (fieldOf(field)?.editable ?? true) : !inboundByDefault.includes(field),
    /** HubSpot's stage of a deal by name, with its pipeline where there are several */
    stage,
    /** A pipeline by name */
    pipeline: (id: string): string =>
      labels.value?.stages.find(one => one.pipelineId === id)?.pipeline ?? id,
    pipelines: computed(() => [
      ...new Map((labels.value?.stages ?? []).map(one => [one.pipelineId, one.pipeline])).entries(),
    ]),
    /** What a lifecycle stage can be, the present one included; `null` where any text can */
    lifecycleOptions: (present: string | null) =>
      computed(() => {
        const mapped = fieldOf('lifecycleStage')
        if (mapped && mapped.options.length === 0) return null
        const offered = mapped
          ? mapped.options.filter(option => !option.hidden)
          : Object.entries(texts.leads.lifecycleStages).map(([value, label]) => ({ value, label }))
        const known = mapped?.options.find(option => option.value === present)
        const missing =
          present !== null && !offered.some(option => option.value === present)
            ? [{ value: present, label: known?.label ?? present }]
            : []
        return [
          { value: '', label: texts.leads.noValue },
          ...missing,
          ...offered.map(({ value, label }) => ({ value, label })),
        ]
      }),
  }
}
