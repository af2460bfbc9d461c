import type { StageMappingEntry } from '#shared/contracts/mapping'
import type { DealStage } from '#shared/leads/stages'
import type { HubspotPipeline, HubspotStage } from '../hubspot/crm-types'

/**
 * Beginnings of words that name a stage, most telling first; English and what HubSpot's other big
 * languages call the same.
 */
const stageWords: [DealStage, string[]][] = [
  [
    'proposal',
    [
      'propos',
      'quote',
      'quotation',
      'offer',
      'angebot',
      'oferta',
      'propuesta',
      'propuest',
      'devis',
      'contract',
      'vertrag',
      'contrat',
      'negotiat',
      'verhand',
      'negocia',
      'pricing',
      'presentation',
      'präsentation',
      'bought',
      'decision',
      'commit',
      'verbal',
    ],
  ],
  [
    'qualified',
    [
      'qualif',
      'qualifiz',
      'calific',
      'discovery',
      'evaluat',
      'assess',
      'need',
      'bedarf',
      'fit',
      'trial',
      'demo',
      'opportunity',
    ],
  ],
  [
    'contacted',
    [
      'contact',
      'kontakt',
      'reached',
      'outreach',
      'appointment',
      'meeting',
      'termin',
      'call',
      'cita',
      'rendez',
      'attempt',
      'engag',
      'follow',
      'connect',
      'respond',
    ],
  ],
  [
    'new',
    [
      'new',
      'neu',
      'nuev',
      'nouv',
      'incoming',
      'inbound',
      'fresh',
      'open',
      'lead',
      'created',
      'prospect',
      'backlog',
      'inbox',
      'eingang',
    ],
  ],
]
const lostWords = [
  'lost',
  'verloren',
  'perdid',
  'perdu',
  'dead',
  'disqualif',
  'unqualif',
  'abandon',
  'rejected',
  'declined',
  'churn',
  'no go',
]
const wonWords = ['won', 'gewonnen', 'ganad', 'gagn', 'signed', 'success']

interface Guess {
  stage: DealStage
  /** The higher, the surer: decides which of several becomes the one to write back to */
  certainty: number
}

/**
 * What each HubSpot stage most likely is of ours: by closed and won flags, by the words of its
 * label, by its probability. Never by its id, which says nothing in pipelines that people made.
 * @param taken entries that are mapped already: they get no suggestion, and their write-back
 *   choices stand
 * @returns at most one write-back stage for each of ours in each pipeline
 */
export function suggestStages(
  pipelines: readonly HubspotPipeline[],
  taken: readonly StageMappingEntry[],
): StageMappingEntry[] {
  return pipelines.flatMap(pipeline => {
    const mapped = taken.filter(entry => entry.pipelineId === pipeline.id)
    const guesses = pipeline.stages
      .map((stage, index) => ({ stage, guess: guessStage(stage, index) }))
      .filter(({ stage }) => !mapped.some(entry => entry.stageId === stage.id))
    return guesses.map(({ stage, guess }) => {
      const rivals = guesses.filter(other => other.guess.stage === guess.stage)
      const best = rivals
        .filter(rival => !rival.stage.isReadOnly)
        .reduce<(typeof rivals)[number] | null>(
          (one, other) =>
            one === null || other.guess.certainty > one.guess.certainty ? other : one,
          null,
        )
      const isChosen = mapped.some(entry => entry.stage === guess.stage && entry.writeBack)
      return {
        pipelineId: pipeline.id,
        stageId: stage.id,
        stage: guess.stage,
        writeBack: best?.stage.id === stage.id && !isChosen,
      }
    })
  })
}

function guessStage(stage: HubspotStage, index: number): Guess {
  const label = stage.label.toLowerCase()
  const words = label.split(/[^\p{L}\p{N}]+/u)
  const says = (beginnings: readonly string[]) =>
    beginnings.some(beginning =>
      beginning.includes(' ')
        ? label.includes(beginning)
        : words.some(word => word.startsWith(beginning)),
    )
  if (stage.isWon) return { stage: 'won', certainty: says(wonWords) ? 3 : 2 }
  if (stage.isClosed) return { stage: 'lost', certainty: says(lostWords) ? 3 : 2 }
  if (says(lostWords) && (stage.probability ?? 0) === 0) return { stage: 'lost', certainty: 1 }
  if (says(wonWords) && stage.probability === 1) return { stage: 'won', certainty: 1 }
  for (const [ours, beginnings] of stageWords)
    if (says(beginnings))
      return { stage: ours, certainty: words.some(word => word === ours) ? 3 : 2 }
  return { stage: byProbability(stage.probability, index), certainty: 1 }
}

function byProbability(probability: number | null, index: number): DealStage {
  if (probability === null) return index === 0 ? 'new' : 'contacted'
  if (probability <= 0.1) return 'new'
  if (probability <= 0.3) return 'contacted'
  if (probability <= 0.5) return 'qualified'
  return probability < 1 ? 'proposal' : 'won'
}
