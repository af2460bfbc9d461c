#!/usr/bin/env bash
# dinero.js 2.0.2: a sale and its refund do not add up to nothing; "down" rounds a refund up.
#
# Guess: transformScale rounds to the nearest cent, or cuts off; down means towards zero, as halfTowardsZero beside it. In both cases
#   -x is rounded as x is.
# What happens: down, which is the default, is towards minus infinity, and halfUp is towards plus infinity.
# Seen, 10.00 and -10.00 times 0.1995, to cents: 1.99 and -2.00, together -0.01. halfUp: 2.00 and -1.99. halfEven, halfTowardsZero
#   and halfAwayFromZero: equal amounts.
# Why it matters: a discount, a partner's share or a conversion of currencies is computed for a deal and again, negative, for its
#   cancellation. Each such pair leaves a cent, and sums over many deals drift in one direction. Name the rounding.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts dinero.js@2.0.2
cat > run.mjs <<'JS'
import * as lib from 'dinero.js'

const { EUR, add, dinero, multiply, toDecimal, transformScale } = lib
const share = (amount, rounding) => transformScale(multiply(dinero({ amount, currency: EUR }), { amount: 1995, scale: 4 }), 2, rounding)
const seen = [undefined, 'down', 'halfUp', 'halfEven', 'halfTowardsZero', 'halfAwayFromZero'].map((name) => {
  const pair = [share(1000, lib[name]), share(-1000, lib[name])]
  const text = `${pair.map((part) => toDecimal(part)).join(' and ')}, together ${toDecimal(add(...pair))}`
  console.log(`${name ?? 'no rounding named'}: ${text}`)
  return text
})
const expected = [
  '1.99 and -2.00, together -0.01',
  '1.99 and -2.00, together -0.01',
  '2.00 and -1.99, together 0.01',
  '2.00 and -2.00, together 0.00',
  '1.99 and -1.99, together 0.00',
  '2.00 and -2.00, together 0.00',
]
const holds = seen.join() === expected.join()
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
