import { mount, type VueWrapper } from '@vue/test-utils'
import axe from 'axe-core'
import { _api } from '@iconify/vue'
import {
  defineComponent,
  h,
  reactive,
  ref,
  type Component,
  type ComponentPublicInstance,
  type DefineComponent,
} from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'

const states = new Map<string, ReturnType<typeof ref>>()

/** What Nuxt gives to every component, as small as it can be: shared state, links. */
Object.assign(globalThis, {
  useState: (key: string, init?: () => unknown) => {
    if (!states.has(key)) states.set(key, ref(init?.()))
    return states.get(key)
  },
  useRequestHeaders: () => ({}),
})

// Icons come from the bundle in the app; here there are none, and none is fetched.
_api.setFetch(() => Promise.resolve(new Response('{}')))

const router = createRouter({
  history: createMemoryHistory(),
  routes: [{ path: '/:path(.*)*', component: { render: () => null } }],
})

const NuxtLink = defineComponent({
  props: { to: { type: String, required: true } },
  setup:
    (props, { slots }) =>
    () =>
      h('a', { href: props.to }, slots.default?.()),
})

type Rendered = VueWrapper<ComponentPublicInstance<Record<string, unknown>>>

/** Renders a component into the document, with Nuxt's links. */
export function render(
  component: Component,
  props: Record<string, unknown> = {},
  slots: Record<string, () => unknown> = {},
): Rendered {
  const options = {
    props: reactive(props),
    slots,
    attachTo: document.body,
    global: { components: { NuxtLink }, plugins: [router] },
  }
  return mount(component as DefineComponent, options as never)
}

/**
 * @returns what axe finds wrong in the document, as short sentences. Contrast needs a real browser
 *   and is checked there.
 */
export async function violations(): Promise<string[]> {
  const result = await axe.run(document.body, {
    rules: {
      'color-contrast': { enabled: false },
      region: { enabled: false },
      'page-has-heading-one': { enabled: false },
    },
  })
  return result.violations.map(
    violation => `${violation.id}: ${violation.nodes.map(node => node.html).join(' ')}`,
  )
}
