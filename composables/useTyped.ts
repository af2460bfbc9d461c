import { computed, inject, onBeforeUnmount, onMounted, provide, ref, shallowRef, watch } from 'vue'
import type { InjectionKey, Ref } from 'vue'
import { useRouter } from 'vue-router'
import { texts } from '#shared/texts/en'

type Register = (isDirty: () => boolean) => () => void
const key: InjectionKey<Register> = Symbol('typed')

/**
 * Keeps a panel or dialog open while something typed in it would be lost: closing it asks first.
 * @param open what the panel's owner has; closed by its owner, it closes without a question
 */
export function useCloseGuard(open: Ref<boolean>) {
  const forms = shallowRef<readonly (() => boolean)[]>([])
  const isAsking = ref(false)
  provide(key, isDirty => {
    forms.value = [...forms.value, isDirty]
    return () => (forms.value = forms.value.filter(one => one !== isDirty))
  })
  const isDirty = computed(() => forms.value.some(one => one()))
  watch(open, () => (isAsking.value = false))

  return {
    isAsking,
    /** Escape, a click outside or the close button, or the opening */
    update(next: boolean): void {
      if (!next && isDirty.value) isAsking.value = true
      else open.value = next
    },
    discard(): void {
      isAsking.value = false
      open.value = false
    },
  }
}

/**
 * Says that something is typed here and not saved: the panel around it, another page of ours and the
 * tab's end ask first.
 */
export function useTyped(isDirty: () => boolean): void {
  const leave = inject(key, null)?.(isDirty)
  const router = useRouter()
  const ask = (event: BeforeUnloadEvent) => {
    if (isDirty()) event.preventDefault()
  }
  let unguard: (() => void) | undefined
  onMounted(() => {
    window.addEventListener('beforeunload', ask)
    unguard = router.beforeEach(
      (to, from) =>
        to.path === from.path ||
        to.path === '/login' ||
        !isDirty() ||
        window.confirm(texts.common.unsavedLeave),
    )
  })
  onBeforeUnmount(() => {
    leave?.()
    unguard?.()
    window.removeEventListener('beforeunload', ask)
  })
}
