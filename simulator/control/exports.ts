import { taskOf } from '../api/exports'
import { json, type Reply } from '../http'
import { beginExport, exportsOf, stateOf } from '../store/exports'
import type { Portal } from '../store/portal'
import type { World } from '../world'

/**
 * `/_control/portals/{portal}/exports[/{id}]`: the exports asked for, and an admin's word on one that
 * waits for it: `{approved}`.
 */
export function exportControl(
  { settings }: World,
  portal: Portal,
  method: string,
  [id]: string[],
  { approved }: Record<string, unknown>,
): Reply {
  if (method === 'POST') {
    const task = taskOf(portal, id)
    if (task.approval === null) {
      task.approval = approved === true ? 'approved' : 'denied'
      if (approved === true) beginExport(portal, task, settings.exportMs)
    }
  }
  return json(
    200,
    exportsOf(portal).tasks.map(task => ({
      id: task.id,
      exportName: task.exportName,
      state: stateOf(portal, task),
    })),
  )
}
