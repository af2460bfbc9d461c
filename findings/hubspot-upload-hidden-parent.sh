#!/usr/bin/env bash
# @hubspot/local-dev-lib 5.10.3: below a folder whose name begins with a dot, every file of a project counts as ignored.
#
# Guess: ignore rules such as ".*" and "node_modules" are applied to paths inside the project, wherever it lies.
# What happens: without a .hsignore the path from the root of the disk on is matched. A hidden folder above the project, or one
#   named node_modules, matches, and all files with it. An empty .hsignore in the project makes paths relative to it.
# Seen: in plain/app the two files of the project are kept; in .work/app and node_modules/app none; in .work/app with an empty
#   .hsignore both.
# Why it matters: the upload of the command-line tool packs by this rule. In a runner's or an editor's hidden folder it packs
#   nothing, and the same checkout elsewhere packs everything.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts @hubspot/local-dev-lib@5.10.3
cat > rule.mjs <<'JS'
import { pathToFileURL } from 'node:url'

const { shouldIgnoreFile } = await import(pathToFileURL(process.env.RULES).href)
const files = ['src/app/app-hsmeta.json', 'src/app/webhooks/webhooks-hsmeta.json']
console.log(files.filter((file) => !shouldIgnoreFile(file, true)).length)
JS
export RULES="$dir/node_modules/@hubspot/local-dev-lib/lib/ignoreRules.js"
kept() {
  mkdir -p "$1"
  (cd "$1" && node "$dir/rule.mjs")
}
mkdir projects && cd projects
base=$PWD
plain=$(kept "$base/plain/app")
hidden=$(kept "$base/.work/app")
modules=$(kept "$base/node_modules/app")
touch "$base/.work/app/.hsignore"
listed=$(kept "$base/.work/app")
echo "files kept of 2: plain/app $plain, .work/app $hidden, node_modules/app $modules, .work/app with an empty .hsignore $listed"
if [ "$plain $hidden $modules $listed" = '2 0 0 2' ]; then echo 'finding holds'; else echo 'finding no longer holds'; exit 1; fi
