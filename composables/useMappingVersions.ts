import type {
  MappingRestored,
  MappingVersion,
  MappingVersions,
} from '#shared/contracts/mapping-versions'
import { texts } from '#shared/texts/en'

const words = texts.mapping.versions

/** Mappings as they were stored. @param reload shows the mapping as it is after one is restored */
export function useMappingVersions(reload: () => Promise<void>) {
  const api = useApi()
  const notices = useNotices()
  const path = '/integrations/hubspot/mapping-versions'
  /** `null`: they could not be loaded, or not yet */
  const versions = shallowRef<MappingVersion[] | null>(null)
  const busy = ref(false)

  async function load(): Promise<void> {
    const found = await api.get<MappingVersions>(path).catch(() => null)
    versions.value = found?.items ?? null
  }

  return {
    versions,
    busy,
    load,
    async restore({ id }: MappingVersion): Promise<void> {
      busy.value = true
      try {
        const { leftOut } = await api.post<MappingRestored>(`${path}/${id}/restore`)
        notices.done(
          words.restored,
          leftOut.length > 0 ? words.leftOut(leftOut.join(', ')) : undefined,
        )
        await reload()
        await load()
      } catch (error) {
        notices.problem(error)
      } finally {
        busy.value = false
      }
    },
  }
}
