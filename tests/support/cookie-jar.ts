/** Keeps the cookies that answers set, as a browser does. */
export function createCookieJar() {
  /** Values by name */
  const cookies = new Map<string, string>()
  return {
    cookies,
    /** @returns the value of the Cookie header, empty without cookies */
    header: () => [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
    take(headers: Headers): void {
      for (const line of headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
        if (value === '' || /max-age=0/i.test(line)) cookies.delete(name)
        else cookies.set(name, value)
      }
    },
  }
}
