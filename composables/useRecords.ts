import { recordPath } from '../utils/record-names'
import type { AnyRecord, RecordName } from './useRecordList'

/** What can be done with one lead or deal, by the same names. */
export function useRecords() {
  const api = useApi()
  return {
    get: (object: RecordName, id: string) => api.get<AnyRecord>(recordPath(object, id)),
    patch: (object: RecordName, id: string, patch: Record<string, unknown>) =>
      api.patch<AnyRecord>(recordPath(object, id), patch),
    /** @param inHubspot also there */
    remove: (object: RecordName, id: string, inHubspot: boolean) =>
      api.remove(`${recordPath(object, id)}${inHubspot ? '?inHubspot=true' : ''}`),
  }
}
