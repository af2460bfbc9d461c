export { default } from '../../../../api/v1/integrations/hubspot/sync.post'
