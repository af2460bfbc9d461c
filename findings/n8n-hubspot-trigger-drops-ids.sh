#!/usr/bin/env bash
# n8n-nodes-base 2.41.2, HubSpot Trigger: events of line items, products and object.* arrive without the record's id.
#
# Guess: a webhook event is passed on as HubSpot sent it, or with more, never with less.
# What happens: objectId is renamed by the kind of record (contactId, dealId, …) and removed. For a kind that the list does
#   not have it is removed all the same.
# Seen: contact.creation arrives with contactId 101. line_item.creation, product.creation and object.creation (with
#   objectTypeId 0-1, a contact) arrive with no id at all. The answer to HubSpot is a success, so it is not sent again.
# Why it matters: webhooks belong to the app, not to the workflow: whoever subscribes to one more kind gets events that name
#   no record, and the only copy of the id is gone.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
# The package is unpacked without its many dependencies. Of n8n itself the trigger needs only these names here.
npm install --silent --no-audit --no-fund --ignore-scripts moment-timezone@0.5.48
mkdir -p node_modules/n8n-nodes-base node_modules/n8n-workflow
cat > node_modules/n8n-workflow/index.js <<'JS'
module.exports = { NodeConnectionTypes: { Main: 'main' }, NodeApiError: Error, NodeOperationError: Error }
JS
npm pack --silent n8n-nodes-base@2.41.2 > tarball
tar xzf "$(cat tarball)" -C node_modules/n8n-nodes-base --strip-components=1 package/dist/nodes/Hubspot
cat > run.mjs <<'JS'
import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'

const { HubspotTrigger } = createRequire(import.meta.url)('n8n-nodes-base/dist/nodes/Hubspot/HubspotTrigger.node.js')
const clientSecret = 'example'
async function deliver(event) {
  const body = [{ eventId: 1, portalId: 12345, ...event }]
  const signature = createHash('sha256').update(clientSecret + JSON.stringify(body)).digest('hex')
  const { workflowData } = await new HubspotTrigger().webhook.call({
    getCredentials: async () => ({ clientSecret }),
    getRequestObject: () => ({ body }),
    getHeaderData: () => ({ 'x-hubspot-signature': signature }),
    helpers: { returnJsonArray: (items) => items },
    getNode: () => ({}),
  })
  const id = Object.entries(workflowData[0][0]).find(([, value]) => value === 101)?.[0] ?? 'nowhere'
  console.log(`${event.subscriptionType}: the id 101 is in: ${id}`)
  return id
}
const seen = [
  await deliver({ subscriptionType: 'contact.creation', objectId: 101 }),
  await deliver({ subscriptionType: 'line_item.creation', objectId: 101 }),
  await deliver({ subscriptionType: 'product.creation', objectId: 101 }),
  await deliver({ subscriptionType: 'object.creation', objectTypeId: '0-1', objectId: 101 }),
]
const holds = seen.join() === 'contactId,nowhere,nowhere,nowhere'
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
