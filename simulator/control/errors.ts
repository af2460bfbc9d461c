import { json, RefusedRequest } from '../http'

export function noSuchControl(what: string): RefusedRequest {
  return new RefusedRequest(json(404, { message: `The control API has no ${what}` }))
}
