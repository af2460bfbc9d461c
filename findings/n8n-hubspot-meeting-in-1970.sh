#!/usr/bin/env bash
# n8n-nodes-base 2.41.2, HubSpot: a meeting is written to January 1970, and a ticket is closed on the day it was created.
#
# Guess: every date of the node reaches HubSpot as milliseconds since 1970, the way a deal's close date and a task's due date do.
# What happens: start and end of a meeting are sent in seconds, which HubSpot reads as milliseconds. An update of a ticket's close
#   date sends the create date of the same form; when that is not filled in, the value is null.
# Seen, for 2024-05-01T10:00Z: a deal's closedate and a task's timestamp are 1714557600000, a meeting's startTime is 1714557600,
#   which as milliseconds is 1970-01-20. closeDate of a ticket: created with it 1714557600000; updated with it null; updated with
#   closeDate and createDate, the create date twice.
# Why it matters: nothing fails. Meetings are missing from the timeline of this year, and reports on how long tickets were open
#   show nothing or zero. Write these two through the API.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
# The package is unpacked without its many dependencies. Of n8n itself the node needs only these names here.
npm install --silent --no-audit --no-fund --ignore-scripts moment-timezone@0.5.48 change-case@4.1.2 lodash@4.17.21
base=node_modules/n8n-nodes-base/dist
mkdir -p "$base/utils" node_modules/n8n-workflow
cat > node_modules/n8n-workflow/index.js <<'JS'
module.exports = { NodeConnectionTypes: { Main: 'main' }, NodeApiError: Error, NodeOperationError: Error }
JS
echo 'module.exports = { generatePairedItemData: () => [] }' > "$base/utils/utilities.js"
npm pack --silent n8n-nodes-base@2.41.2 > tarball
tar xzf "$(cat tarball)" -C node_modules/n8n-nodes-base --strip-components=1 package/dist/nodes/Hubspot
cat > run.mjs <<'JS'
import { createRequire } from 'node:module'

const { HubspotV2 } = createRequire(import.meta.url)('n8n-nodes-base/dist/nodes/Hubspot/V2/HubspotV2.node.js')
const node = new HubspotV2({})
async function sentBy(parameters) {
  const values = { authentication: 'appToken', ...parameters }
  let body
  await node.execute.call({
    getInputData: () => [{ json: {} }],
    getNode: () => ({ typeVersion: 2.2, type: 'n8n-nodes-base.hubspot' }),
    getNodeParameter: (name, index, fallback) => values[name] ?? fallback,
    continueOnFail: () => false,
    helpers: {
      requestWithAuthentication: async (credentials, options) => ((body = JSON.parse(JSON.stringify(options.body))), {}),
      returnJsonArray: (items) => [items],
      constructExecutionMetaData: (items) => items,
    },
  })
  return body
}
const valueOf = (properties, name) => properties.find((property) => property.name === name)?.value
const [closeDate, createDate] = ['2024-05-01T10:00:00Z', '2024-04-01T10:00:00Z']
const task = { resource: 'engagement', operation: 'create', type: 'task', metadata: { subject: 'x' }, dueDate: closeDate }
const meeting = { resource: 'engagement', operation: 'create', type: 'meeting', metadata: { startTime: closeDate, endTime: closeDate } }
const deal = { resource: 'deal', operation: 'update', dealId: '1', updateFields: { closeDate } }
const newTicket = { resource: 'ticket', operation: 'create', pipelineId: '0', stageId: '1', ticketName: 'x', additionalFields: { closeDate } }
const ticket = (updateFields) => ({ resource: 'ticket', operation: 'update', ticketId: '1', updateFields })

const seen = {
  "a deal's closedate": valueOf((await sentBy(deal)).properties, 'closedate'),
  "a task's timestamp": (await sentBy(task)).engagement.timestamp,
  "a meeting's startTime": (await sentBy(meeting)).metadata.startTime,
  "a meeting's endTime": (await sentBy(meeting)).metadata.endTime,
  'a new ticket with closeDate': valueOf(await sentBy(newTicket), 'closed_date'),
  'an update with closeDate': valueOf(await sentBy(ticket({ closeDate })), 'closed_date'),
  'an update with closeDate and createDate': valueOf(await sentBy(ticket({ closeDate, createDate })), 'closed_date'),
}
for (const [what, value] of Object.entries(seen)) {
  console.log(`${what}: ${value}${value ? `, as milliseconds ${new Date(value).toISOString()}` : ''}`)
}
const [right, seconds, created] = [Date.parse(closeDate), Date.parse(closeDate) / 1000, Date.parse(createDate)]
const holds = JSON.stringify(Object.values(seen)) === JSON.stringify([right, right, seconds, seconds, right, null, created])
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
