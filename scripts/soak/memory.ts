import type { Memory } from './installation'

type Measure = 'residentMb' | 'heapMb'

const floorSeconds = 30

/** The least of each half minute of each life: what is left when V8 has collected. */
function floors(samples: readonly Memory[], measure: Measure): Memory[] {
  const lowest = new Map<string, Memory>()
  for (const sample of samples) {
    const key = `${sample.life} ${Math.floor(sample.at / floorSeconds)}`
    const known = lowest.get(key)
    if (!known || sample[measure] < known[measure]) lowest.set(key, sample)
  }
  return [...lowest.values()]
}

/**
 * @returns how much the floors grow within the lives of the processes, MB a minute (least squares,
 *   each life around its own mean); `null` where no life has three
 */
export function slopeOf(samples: readonly Memory[], measure: Measure): number | null {
  let products = 0
  let squares = 0
  const all = floors(samples, measure)
  for (const life of new Set(all.map(sample => sample.life))) {
    const own = all.filter(sample => sample.life === life)
    if (own.length < 3) continue
    const mean = (key: 'at' | Measure) =>
      own.reduce((sum, sample) => sum + sample[key], 0) / own.length
    const [at, size] = [mean('at'), mean(measure)]
    for (const sample of own) {
      products += (sample.at - at) * (sample[measure] - size)
      squares += (sample.at - at) ** 2
    }
  }
  return squares === 0 ? null : (60 * products) / squares
}

/** The series of each life that was seen more than twice, as text. */
export function seriesOf(samples: readonly Memory[]): string[] {
  return [...new Set(samples.map(sample => sample.life))].flatMap(life => {
    const own = samples.filter(sample => sample.life === life)
    return own.length < 3
      ? []
      : [
          `memory of process ${life}, seconds:MB resident/heap ${own.map(sample => `${sample.at}:${sample.residentMb}/${sample.heapMb}`).join(' ')}`,
        ]
  })
}
