import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setResponseHeader, setResponseStatus, type H3Event } from 'h3'
import { errorFields, type Log } from '../observability/log'

/** A reader that takes nothing for so long is cut off, ms */
const readerTimeoutMs = 60_000

export interface CsvOptions {
  /** Of letters, digits, dots and hyphens */
  fileName: string
  log: Log
  /** Another time than a minute, for tests, ms */
  cutAfterMs?: number
}

/**
 * Answers with CSV as a download, at the reader's speed. Trouble before the first line is an
 * ordinary error answer; later it breaks the connection off, so that half a file does not pass for
 * a whole one.
 */
export async function sendCsv(
  event: H3Event,
  lines: AsyncGenerator<string, void>,
  { fileName, log, cutAfterMs = readerTimeoutMs }: CsvOptions,
): Promise<void> {
  const first = await lines.next()
  setResponseStatus(event, 200)
  setResponseHeader(event, 'Content-Type', 'text/csv; charset=utf-8')
  setResponseHeader(event, 'Content-Disposition', `attachment; filename="${fileName}"`)
  event._handled = true
  const { res } = event.node
  if (event.method === 'HEAD') {
    await lines.return()
    res.end()
    return
  }
  // The pipeline then ends as broken.
  res.setTimeout(cutAfterMs, () => res.destroy())
  async function* all(): AsyncGenerator<string, void> {
    if (!first.done) yield first.value
    yield* lines
  }
  try {
    await pipeline(Readable.from(all(), { objectMode: true, highWaterMark: 1 }), res)
  } catch (error) {
    log.warn(
      { event: 'export_broken_off', ...errorFields(error) },
      'An export ended before its end',
    )
    res.destroy()
  }
}
