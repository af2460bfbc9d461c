import type { Side } from './checkout'

/** One measured way, and its figures by their names. `null`: not measured */
export interface Row {
  side: Side
  figures: Record<string, number | null>
}

const digits = (value: number) => (Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2)

function cell(value: number | null | undefined, other: number | null | undefined): string {
  if (value === null || value === undefined) return '–'
  const shown = value.toFixed(digits(value))
  return other ? `${shown} (× ${(value / other).toFixed(2)})` : shown
}

/**
 * A table with one line for each figure, and one column for each way. What stands in brackets is
 * the figure over that of `before`.
 */
export function tableOf(title: string, rows: readonly Row[]): string {
  const before = rows.find(({ side }) => side === 'before')
  const names = [...new Set(rows.flatMap(({ figures }) => Object.keys(figures)))]
  const lines = names.map(name => [
    name,
    ...rows.map(row => cell(row.figures[name], row === before ? null : before?.figures[name])),
  ])
  const all = [[title, ...rows.map(({ side }) => side)], ...lines]
  const widths = all[0]?.map((_, column) => Math.max(...all.map(line => line[column]?.length ?? 0)))
  return all
    .map(line =>
      line
        .map((text, column) =>
          column === 0 ? text.padEnd(widths?.[0] ?? 0) : text.padStart(widths?.[column] ?? 0),
        )
        .join('   '),
    )
    .join('\n')
}
