import { ensureBuild } from './build'

/** The tests of `tests/built` and the browser tests ask the production build. */
export default async function setup(): Promise<void> {
  await ensureBuild()
}
