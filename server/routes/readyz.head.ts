export { default } from './readyz.get'
