import type { Preview } from '#shared/contracts/insight'
import { texts } from '#shared/texts/en'

/**
 * What the next sync would do, in sentences: what is written to HubSpot first, since that is what
 * people have to agree to.
 * @param number writes a number as the reader does
 */
export function previewSentences(preview: Preview, number: (value: number) => string): string[] {
  const { sentences } = texts.connection.preview
  const objects = ['contacts', 'deals'] as const
  const said = (object: (typeof objects)[number], direction: 'inbound' | 'outbound') => {
    const { create, update, conflict, link } = preview[object][direction]
    const words = sentences[direction]
    const changed = update + conflict
    const parts = [
      words.changed(object, number(changed), changed),
      words.created(create === 0 ? sentences.none : number(create)),
      ...(link > 0 ? [sentences.linked(number(link))] : []),
    ]
    return `${parts.join(', ')}.`
  }
  return [
    ...objects.map(object => said(object, 'outbound')),
    ...objects.map(object => said(object, 'inbound')),
  ]
}

/** What a preview that was cut short did not look at, in sentences; empty when it is complete. */
export function previewGaps(preview: Preview, number: (value: number) => string): string[] {
  return (['contacts', 'deals'] as const)
    .filter(object => !preview[object].complete)
    .map(object =>
      texts.connection.preview.sentences.partial(object, number(preview[object].examined)),
    )
}
