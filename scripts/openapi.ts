import { writeFileSync } from 'node:fs'
import process from 'node:process'
import packageFile from '../package.json'
import { describeApi } from './openapi/document'
import { readApiRoutes } from './openapi/routes'

/** `npm run openapi` writes docs/openapi.json from the handlers; `--stdout` prints it. */
const text = `${JSON.stringify(describeApi(await readApiRoutes(), packageFile.version), null, 2)}\n`
if (process.argv.includes('--stdout')) process.stdout.write(text)
else writeFileSync(new URL('../docs/openapi.json', import.meta.url), text)
