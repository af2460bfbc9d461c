import { answerUnknown } from '../http/unknown-route'

export default answerUnknown
