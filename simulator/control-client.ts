import type { SimulatorSettings } from './settings'

export type ControlClient = ReturnType<typeof createControlClient>

export function createControlClient(url: string) {
  async function send<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${url}/_control${path}`, { method, headers: { 'content-type': 'application/json' }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
    if (!response.ok) throw new Error(`control ${method} ${path}: ${response.status} ${await response.text()}`)
    return await response.json() as T
  }
  return {
    set: (settings: Partial<SimulatorSettings>) => send<SimulatorSettings>('PATCH', '/settings', settings),
  }
}
