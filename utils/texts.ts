export { texts } from '#shared/texts/en'
