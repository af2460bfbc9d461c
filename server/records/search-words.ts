const maxWords = 16
const maxWordLength = 60

/**
 * The words that a record is found by, for prefix search on an index: as they stand, and their
 * parts (`ada@example.com` is found by `ada`, `example`).
 * @param texts names, e-mail address, company
 */
export function searchWords(texts: readonly (string | null | undefined)[]): string[] {
  const words = new Set<string>()
  for (const text of texts) {
    for (const word of split(text ?? '')) {
      words.add(word)
      const domain = word.split('@')[1]
      if (domain) words.add(domain)
      for (const part of word.split(/[^\p{L}\p{N}]+/u).slice(1))
        if (part.length > 2) words.add(part)
    }
  }
  return [...words].slice(0, maxWords)
}

/**
 * @returns what somebody typed into the search field as words of the index, each to be matched by
 *   prefix
 */
export function queryWords(query: string): string[] {
  return split(query).slice(0, 5)
}

function split(text: string): string[] {
  return plain(text.slice(0, 1000))
    .toLowerCase()
    .split(/[\s\p{Cc},;()"']+/u)
    .map(word => word.slice(0, maxWordLength).toWellFormed())
    .filter(word => /[\p{L}\p{N}]/u.test(word))
}

/** Without accents and other marks. ASCII has none, and most texts are no more than that. */
function plain(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : text.normalize('NFKD').replace(/\p{M}+/gu, '')
}
