import { defineRoute } from '../http/define-route'

/**
 * The process is up. Asks nothing of the database: restarting this process would not bring that
 * back.
 */
export default defineRoute({ role: 'probe' }, () => ({ status: 'ok' }))
