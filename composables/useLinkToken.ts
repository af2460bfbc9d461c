/** The token of a link, from behind `#`; it leaves the address as soon as it is read. */
export function useLinkToken() {
  const token = ref('')
  const isRead = ref(false)
  onMounted(() => {
    token.value = /^#token=([\w-]+)$/.exec(window.location.hash)?.[1] ?? ''
    isRead.value = true
    window.history.replaceState(window.history.state, '', window.location.pathname)
  })
  return { token, isRead }
}
