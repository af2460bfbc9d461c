import type { DoctorCheck } from '#shared/contracts/insight'
import type { Metrics } from '../observability/metrics'
import { fail, pass, skipped, warn } from './check'

/** HubSpot certifies apps above 95 % (docs/marketplace-checklist.md#g21). */
const failBelow = 0.95
const warnBelow = 0.98
const enough = 50

/** Share of calls to HubSpot that succeeded, over all partners, since this process started. */
export async function examineSuccessRate({
  hubspotRequests,
}: Pick<Metrics, 'hubspotRequests'>): Promise<DoctorCheck[]> {
  const id = 'success_rate'
  let total = 0
  let succeeded = 0
  for (const { labels, value } of (await hubspotRequests.get()).values) {
    total += value
    if (/^2\d\d$/.test(String(labels.status))) succeeded += value
  }
  if (total < enough)
    return [skipped(id, `Too few calls to HubSpot since this process started (${total}).`)]
  const share = succeeded / total
  const words =
    `${(share * 100).toFixed(1)} % of ${total} calls to HubSpot succeeded since this ` +
    'process started.'
  const fix =
    'The metric hubspot_requests_total shows which API answers with what; the activity ' +
    'page shows the records that HubSpot refuses.'
  if (share < failBelow) return [fail(id, `${words} HubSpot asks for more than 95 %.`, fix)]
  if (share < warnBelow) return [warn(id, words, fix)]
  return [pass(id, words)]
}
