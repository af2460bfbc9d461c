/**
 * Takes `?success` and `?error` out of the address once they are read: a reload or a copied address
 * must not repeat them.
 * @returns the error's code while it is to be shown
 */
export function useCallbackNotice() {
  const route = useRoute()
  const router = useRouter()
  const notices = useNotices()
  const code = ref<string | null>(
    typeof route.query.error === 'string' ? route.query.error.slice(0, 64) : null,
  )

  onMounted(async () => {
    const { success, error, ...rest } = route.query
    if (success === undefined && error === undefined) return
    const words = texts.errors
    if (success === 'true') {
      code.value = null
      notices.done(texts.connection.success.title, texts.connection.success.text)
    } else if (code.value !== null && code.value !== 'portal_changed') {
      const known = Object.hasOwn(words.callback, code.value)
        ? words.callback[code.value as keyof typeof words.callback]
        : words.unknownCallback
      // The page says more at its top, and says it urgently: once is enough.
      notices.warn(known.title)
    }
    await router.replace({ query: rest })
  })
  return { code }
}
