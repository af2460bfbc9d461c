import { ensureBuild } from '../support/build'

export default async function setup(): Promise<void> {
  await ensureBuild()
}
