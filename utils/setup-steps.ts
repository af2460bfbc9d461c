import type { Connection } from '#shared/contracts/connection'
import type { StageMapping } from '#shared/contracts/mapping'

export const setupSteps = ['connected', 'mapping', 'preview', 'writeBack'] as const
export type SetupStep = (typeof setupSteps)[number]

/** What the first steps after Connect depend on. */
export interface SetupFacts {
  writeBack: boolean
  /** `null` while it is not read */
  stages: Pick<StageMapping, 'pipelines' | 'mapping' | 'unmapped'> | null
  isPreviewed: boolean
}

/** @returns which steps are done; each of them can be done in any order but the last */
export function doneSteps({
  writeBack,
  stages,
  isPreviewed,
}: SetupFacts): Record<SetupStep, boolean> {
  const isMapped =
    stages !== null &&
    stages.unmapped === 0 &&
    (stages.mapping.length > 0 || stages.pipelines.length === 0)
  return {
    connected: true,
    mapping: isMapped,
    preview: isPreviewed || writeBack,
    writeBack,
  }
}

/** Nothing was imported yet, and nothing imports: a preview says what the import would add. */
export const isBeforeImport = ({ lastSyncedAt, currentRun }: Connection): boolean =>
  lastSyncedAt === null && currentRun === null

/** @returns what people call an account: its domain where HubSpot told it, and its id */
export function accountName(domain: string | null | undefined, portalId: string): string {
  return domain ? `${domain} (${portalId})` : portalId
}
