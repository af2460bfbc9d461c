/**
 * The body of a delivery: `{"text": …}`, which Slack and its like show as it is. Characters that mean
 * something there are escaped: a stage called `<!channel>` must call nobody.
 * @param lines what happened, one notice each, with the page where to go on
 */
export function messageBody(lines: readonly { message: string; url: string }[]): string {
  const head =
    lines.length > 1 ? [`Partner Connector has ${lines.length} notices about HubSpot:`] : []
  const text = [...head, ...lines.map(({ message, url }) => `${escaped(message)}\n${url}`)]
  return JSON.stringify({ text: text.join('\n\n') })
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
