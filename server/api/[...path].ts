import { answerUnknown } from '../utils/unknown-route'

export default answerUnknown
