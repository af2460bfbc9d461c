import { ObjectId } from 'mongodb'
import { z } from 'zod'
import { Id } from '#shared/contracts/primitives'
import { Run } from '#shared/contracts/runs'
import { defineRoute } from '../../../../../http/define-route'

export default defineRoute(
  { role: 'member', params: z.object({ id: Id }), response: Run },
  async ({ services, signedIn, params }) => {
    return await services.sync.get(signedIn.partner.id, new ObjectId(params.id))
  },
)
