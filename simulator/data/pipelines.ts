import type { ObjectType } from './object-types'

export interface Stage {
  id: string
  label: string
  displayOrder: number
  /** HubSpot writes all as strings; deals have a probability, tickets a state */
  metadata: { isClosed: string; probability?: string; ticketState?: string }
  archived: boolean
  createdAt: string
  updatedAt: string
  /** Apps may move deals to a stage with the first one only */
  writePermissions: 'CRM_PERMISSIONS_ENFORCEMENT' | 'READ_ONLY' | 'INTERNAL_ONLY'
}

export interface Pipeline {
  id: string
  label: string
  displayOrder: number
  archived: boolean
  createdAt: string
  updatedAt: string
  stages: Stage[]
  /** What its admin lets nobody do (`governanceValidationRules` of HubSpot's API of rules) */
  rules?: PipelineRules
}

/** A rule of all stages, or of those that it names */
interface StageRule {
  enabledForAllStages: boolean
  pipelineStageIds: string[]
}

interface PipelineRules {
  /** No move back to these */
  noBackwardsMovementRule?: StageRule
  /** No move past these */
  noSkippingStagesRule?: StageRule
  /** New records stand in one of these */
  objectCreationRule?: { pipelineStageIds: string[] }
}

const made = '2024-01-08T07:00:00Z'

function stages(
  ...list: [id: string, label: string, probability: string, isClosed?: boolean][]
): Stage[] {
  return list.map(([id, label, probability, isClosed = false], displayOrder) => ({
    id,
    label,
    displayOrder,
    metadata: { isClosed: String(isClosed), probability },
    archived: false,
    createdAt: made,
    updatedAt: made,
    writePermissions: 'CRM_PERMISSIONS_ENFORCEMENT',
  }))
}

/** Pipelines of a configuration file. */
export function definePipelines(
  list: {
    id: string
    label?: string
    stages: { id: string; label?: string; probability: number; closed?: boolean }[]
  }[],
): Pipeline[] {
  return list.map(({ id, label = id, stages: steps }, displayOrder) => ({
    id,
    label,
    displayOrder,
    archived: false,
    createdAt: made,
    updatedAt: made,
    stages: stages(
      ...steps.map(
        step =>
          [step.id, step.label ?? step.id, step.probability.toFixed(1), step.closed] as [
            string,
            string,
            string,
            boolean | undefined,
          ],
      ),
    ),
  }))
}

/** The pipelines of a new portal, by the kind of records that move through them. */
export const defaultPipelines: Partial<Record<ObjectType, () => Pipeline[]>> = {
  deals: dealPipelines,
  tickets: ticketPipelines,
}

/**
 * The two deal pipelines of every test portal: HubSpot's own, and one a user made (numeric ids, as
 * HubSpot gives them).
 */
function dealPipelines(): Pipeline[] {
  const frame = { archived: false, createdAt: made, updatedAt: made }
  return [
    {
      ...frame,
      id: 'default',
      label: 'Sales Pipeline',
      displayOrder: 0,
      stages: stages(
        ['appointmentscheduled', 'Appointment Scheduled', '0.2'],
        ['qualifiedtobuy', 'Qualified To Buy', '0.4'],
        ['presentationscheduled', 'Presentation Scheduled', '0.6'],
        ['decisionmakerboughtin', 'Decision Maker Bought-In', '0.8'],
        ['contractsent', 'Contract Sent', '0.9'],
        ['closedwon', 'Closed Won', '1.0', true],
        ['closedlost', 'Closed Lost', '0.0', true],
      ),
    },
    {
      ...frame,
      id: '75321',
      label: 'Partner referrals',
      displayOrder: 1,
      stages: stages(
        ['94001', 'Referred', '0.1'],
        ['94002', 'In conversation', '0.5'],
        ['94003', 'Signed', '1.0', true],
        ['94004', 'Not a fit', '0.0', true],
      ),
    },
  ]
}

/** HubSpot's own one for tickets: its id and those of its stages are numbers. */
function ticketPipelines(): Pipeline[] {
  const labels = ['New', 'Waiting on contact', 'Waiting on us', 'Closed']
  const frame = { archived: false, createdAt: made, updatedAt: made }
  return [
    {
      ...frame,
      id: '0',
      label: 'Support Pipeline',
      displayOrder: 0,
      stages: labels.map((label, displayOrder) => ({
        ...frame,
        id: String(displayOrder + 1),
        label,
        displayOrder,
        metadata: {
          isClosed: String(label === 'Closed'),
          ticketState: label === 'Closed' ? 'CLOSED' : 'OPEN',
        },
        writePermissions: 'CRM_PERMISSIONS_ENFORCEMENT',
      })),
    },
  ]
}
