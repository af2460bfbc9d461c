export { default } from '../../../../api/v1/leads/webhooks/hubspot.post'
