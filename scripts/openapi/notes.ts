/**
 * What a schema cannot say: one line for each operation, and what it answers where that is no JSON
 * of ours.
 */
export interface OperationNotes {
  tag: 'Sign-in' | 'People' | 'Connection' | 'Sync' | 'Mapping' | 'Records' | 'Insight' | 'HubSpot'
  summary: string
  description?: string
  /** Answers the same without `/api`: the guide's own path */
  alsoWithoutApi?: true
  /** Success that is not JSON */
  answer?: { status: number; description: string; contentType?: string }
}
