#!/usr/bin/env bash
# lodash 4.17.21, es-toolkit 1.53.2, humps 2.0.1, camelcase-keys 10.0.3 with snakecase-keys 8.1.0, ts-case-convert 2.3.1: names of
# HubSpot's own properties do not survive the way to camel case and back.
#
# Guess: a name of lower-case words with underscores comes back as it was, with each pair of converters of one package.
# What happens: the underscore before a digit is gone in camel case. On the way back some packages never put one there, some always,
#   between a letter and a digit as well.
# Seen: hs_analytics_source_data_1 comes back as …_data1 from humps and from camelcase-keys with snakecase-keys. lodash and es-toolkit
#   restore it, and make hs_v_2_date_entered_current_stage and address_2 of the other two; ts-case-convert address_2.
#   change-case 5.4.4 restores all, since its camel case is hsAnalyticsSourceData_1.
# Why it matters: a contact's traffic source, the date a deal entered its stage and a company's second address line are standard
#   properties. HubSpot refuses a whole update for one unknown name, and gives nothing for it in a read. Leave names as they are.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts lodash@4.17.21 es-toolkit@1.53.2 humps@2.0.1 camelcase-keys@10.0.3 \
  snakecase-keys@8.1.0 ts-case-convert@2.3.1 change-case@5.4.4
cat > run.mjs <<'JS'
import camelcaseKeys from 'camelcase-keys'
import * as changeCase from 'change-case'
import * as esToolkit from 'es-toolkit'
import humps from 'humps'
import lodash from 'lodash'
import snakecaseKeys from 'snakecase-keys'
import { objectToCamel, objectToSnake } from 'ts-case-convert'

const ofKeys = (convert) => (name) => Object.keys(convert({ [name]: 1 }))[0]
const pairs = {
  lodash: [lodash.camelCase, lodash.snakeCase],
  'es-toolkit': [esToolkit.camelCase, esToolkit.snakeCase],
  humps: [humps.camelize, (name) => humps.decamelize(name)],
  'camelcase-keys, snakecase-keys': [ofKeys(camelcaseKeys), ofKeys(snakecaseKeys)],
  'ts-case-convert': [ofKeys(objectToCamel), ofKeys(objectToSnake)],
  'change-case': [changeCase.camelCase, changeCase.snakeCase],
}
const names = ['hs_lead_status', 'hs_analytics_source_data_1', 'hs_v2_date_entered_current_stage', 'address2']
const seen = Object.entries(pairs).map(([who, [toCamel, toSnake]]) => {
  const changed = names.map((name) => toSnake(toCamel(name))).filter((name) => !names.includes(name))
  console.log(`${who}: ${changed.join(', ') || 'all as they were'}`)
  return changed.join()
})
const expected = [
  'hs_v_2_date_entered_current_stage,address_2',
  'hs_v_2_date_entered_current_stage,address_2',
  'hs_analytics_source_data1',
  'hs_analytics_source_data1',
  'address_2',
  '',
]
const holds = seen.join(';') === expected.join(';')
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
