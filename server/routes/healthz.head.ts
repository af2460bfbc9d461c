export { default } from './healthz.get'
