import type { Preview } from '#shared/contracts/insight'

/** What the next sync would do, in a dialog. */
export function usePreview() {
  const { preview: ask } = useHubspotConnection()
  const open = ref(false)
  const preview = ref<Preview | null>(null)
  const { problem, run } = useTask()

  return {
    open,
    preview,
    problem,
    /** @returns whether there is one to be read */
    async begin(): Promise<boolean> {
      open.value = true
      preview.value = null
      return await run(async () => (preview.value = await ask()))
    },
  }
}
