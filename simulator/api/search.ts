import type { ObjectType } from '../data/base'
import { notFound, type Reply } from '../http'
import type { ApiCall } from './gateway'

export function search(_call: ApiCall, _type: ObjectType): Reply {
  throw notFound()
}
