import type { Field } from '#shared/contracts/fields'

/**
 * Choices as they are typed, one a line. What is stored is made from the label, so that labels can
 * change; no two are the same.
 */
export function readOptions(text: string): Field['options'] {
  const labels = [...new Set(text.split('\n').map(line => line.trim()))].filter(Boolean)
  const taken = new Set<string>()
  return labels.map(label => {
    const base = label.replace(/[;\p{Cc}]+/gu, ' ').trim() || 'choice'
    let value = base
    for (let number = 2; taken.has(value); number++) value = `${base} ${number}`
    taken.add(value)
    return { value, label }
  })
}
