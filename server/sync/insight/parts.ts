import type { ObjectId } from 'mongodb'
import { dealStageLabels } from '#shared/leads/stages'
import { texts } from '#shared/texts/en'
import { createPreview, type PreviewDeps } from './preview'
import { previewLines } from './preview-csv'
import { createRehearsal } from './rehearsal'
import { createScopeRehearsal } from './scope-rehearsal'

const fields = { ...texts.leads.field, ...texts.leads.dealField }

/** What shows changes before they are made, with the words of the pages. */
export function createPreviewParts(deps: Omit<PreviewDeps, 'words'>) {
  const preview = createPreview({ ...deps, words: { fields, rules: texts.activity.rules } })
  const { inbound, outbound, actions, sentences } = texts.connection.preview
  return {
    preview,
    /** The same as CSV, with every change. @returns its lines, and whether all was looked at */
    async previewCsv(partnerId: ObjectId) {
      const whole = await preview(partnerId, Infinity)
      return {
        isWhole: whole.contacts.complete && whole.deals.complete,
        lines: previewLines(whole, {
          objects: { contacts: texts.leads.panel.lead, deals: texts.leads.panel.deal },
          directions: { inbound, outbound },
          actions,
          fields: { ...fields, stage: texts.leads.stage },
          partial: sentences.partial,
        }),
      }
    },
    rehearseScope: createScopeRehearsal(deps),
    rehearsal: createRehearsal({
      ...deps,
      words: { fields: { ...fields, stage: texts.leads.stage }, stages: dealStageLabels },
    }),
  }
}
