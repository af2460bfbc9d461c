const browsers: [RegExp, string][] = [
  // Each of these also calls itself Chrome or Safari: the order decides.
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\b(?:OPR|Opera)\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:Chrome|CriOS|Chromium|HeadlessChrome)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
]
const systems: [RegExp, string][] = [
  [/\b(?:iPhone|iPad|iPod)\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
]
const longestName = 40

/**
 * Names the program behind a session, so that people recognise their own: `Firefox on Windows`,
 * `curl/8.5.0`. The header itself is not kept.
 * @param userAgent the header as it came; anything may stand in it
 * @returns at most 40 letters, digits, dots, dashes, slashes and blanks; `null` when nothing can be
 *   said
 */
export function browserName(userAgent: string | undefined): string | null {
  const text = (userAgent ?? '').slice(0, 1000)
  const browser = browsers.find(([pattern]) => pattern.test(text))?.[1]
  const system = systems.find(([pattern]) => pattern.test(text))?.[1]
  if (browser) return system ? `${browser} on ${system}` : browser
  return /^[\w.-]+(?:\/[\w.-]+)?/.exec(text)?.[0].slice(0, longestName) ?? null
}
