import { mount, type VueWrapper } from '@vue/test-utils'
import axe from 'axe-core'
import { reactive, type Component, type ComponentPublicInstance, type DefineComponent } from 'vue'

type Rendered = VueWrapper<ComponentPublicInstance<Record<string, unknown>>>

/** Renders a component into the document, as a part of the Nuxt app that the environment started. */
export function render(
  component: Component,
  props: Record<string, unknown> = {},
  slots: Record<string, () => unknown> = {},
): Rendered {
  const { vueApp } = useNuxtApp()
  const { components, provides } = vueApp._context
  const options = {
    props: reactive(props),
    slots,
    attachTo: document.body,
    global: { components, provide: provides, config: vueApp.config },
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
