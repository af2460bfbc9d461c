import { dealStageLabels } from '#shared/leads/stages'
import { texts } from '#shared/texts/en'
import { createPreview, type PreviewDeps } from './preview'
import { createRehearsal } from './rehearsal'
import { createScopeRehearsal } from './scope-rehearsal'

const fields = { ...texts.leads.field, ...texts.leads.dealField }

/** What shows changes before they are made, with the words of the pages. */
export function createPreviewParts(deps: Omit<PreviewDeps, 'words'>) {
  return {
    preview: createPreview({ ...deps, words: { fields, rules: texts.activity.rules } }),
    rehearseScope: createScopeRehearsal(deps),
    rehearsal: createRehearsal({
      ...deps,
      words: { fields: { ...fields, stage: texts.leads.stage }, stages: dealStageLabels },
    }),
  }
}
