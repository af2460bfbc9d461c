export { default } from './metrics.get'
