import type { AnyRecord, RecordName } from './useRecordList'

/** What can be done with one lead or deal, by the same names. */
export function useRecords() {
  const api = useApi()
  const path = (object: RecordName, id: string) => `/${object}s/${id}`
  return {
    get: (object: RecordName, id: string) => api.get<AnyRecord>(path(object, id)),
    patch: (object: RecordName, id: string, patch: Record<string, unknown>) =>
      api.patch<AnyRecord>(path(object, id), patch),
    /** @param inHubspot also there */
    remove: (object: RecordName, id: string, inHubspot: boolean) =>
      api.remove(`${path(object, id)}${inHubspot ? '?inHubspot=true' : ''}`),
  }
}
