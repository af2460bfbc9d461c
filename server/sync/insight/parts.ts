import type { ObjectId } from 'mongodb'
import { dealStageLabels, dealStages } from '#shared/leads/stages'
import { texts } from '#shared/texts/en'
import { wordFor } from '../../leads/choices'
import { ownText, type Choice } from '../../records/own-values'
import { createPreview, type PreviewDeps } from './preview'
import { previewLines } from './preview-csv'
import { createRehearsal } from './rehearsal'
import { createScopeRehearsal } from './scope-rehearsal'

/** Our stage by its label; one of HubSpot's, which stands in the same field by its id, by its own. */
function stageWord(choices: Record<string, readonly Choice[]>, id: string | null): string | null {
  const ours = dealStages.find(stage => stage === id)
  if (id === null || ours) return ours ? dealStageLabels[ours] : null
  return choices.hubspotStageId?.find(({ value }) => value.endsWith(`:${id}`))?.label ?? id
}

const fields: Readonly<Record<string, string>> = { ...texts.leads.field, ...texts.leads.dealField }
const fieldNames: Readonly<Record<string, string>> = { ...fields, stage: texts.leads.stage }

/** What shows changes before they are made, with the words of the pages. */
export function createPreviewParts(deps: Omit<PreviewDeps, 'words'>) {
  const preview = createPreview({ ...deps, words: { fields, rules: texts.activity.rules } })
  const { inbound, outbound, actions, sentences } = texts.connection.preview
  return {
    preview,
    /** The same as CSV, with every change. @returns its lines, and whether all was looked at */
    async previewCsv(partnerId: ObjectId) {
      const [whole, own, contacts, deals] = await Promise.all([
        preview(partnerId, Infinity),
        deps.mapping.ownFieldsOf(partnerId),
        deps.mapping.choicesOf(partnerId, 'lead'),
        deps.mapping.choicesOf(partnerId, 'deal'),
      ])
      const ownOf = { contacts: own.lead, deals: own.deal }
      const choicesOf = { contacts, deals }
      return {
        isWhole: whole.contacts.complete && whole.deals.complete,
        lines: previewLines(whole, {
          objects: { contacts: texts.leads.panel.lead, deals: texts.leads.panel.deal },
          directions: { inbound, outbound },
          actions,
          field: (kind, field) =>
            ownOf[kind].find(one => one.key === field)?.label ?? fieldNames[field] ?? field,
          value: (kind, field, value) => {
            const added = ownOf[kind].find(one => one.key === field)
            if (added) return ownText(added, value)
            return field === 'stage'
              ? stageWord(deals, value)
              : wordFor(choicesOf[kind], field, value)
          },
          partial: sentences.partial,
        }),
      }
    },
    rehearseScope: createScopeRehearsal(deps),
    rehearsal: createRehearsal({
      ...deps,
      words: { fields: fieldNames, stages: dealStageLabels },
    }),
  }
}
