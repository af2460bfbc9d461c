import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'

/**
 * Prometheus metrics of one process. Labels are closed lists: no id of a partner, a portal or a
 * person.
 */
export function createMetrics() {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  return {
    registry,
    httpRequests: new Counter({
      name: 'http_requests_total',
      help: 'Requests answered',
      labelNames: ['method', 'route', 'status'] as const,
      registers,
    }),
    httpDuration: new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time to answer',
      labelNames: ['method', 'route'] as const,
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    hubspotRequests: new Counter({
      name: 'hubspot_requests_total',
      help: 'Requests sent to HubSpot',
      labelNames: ['api', 'status'] as const,
      registers,
    }),
    hubspotWait: new Histogram({
      name: 'hubspot_pacing_wait_seconds',
      help: "Time spent waiting for the portal's request budget",
      labelNames: ['budget'] as const,
      buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    }),
    tokenRefreshes: new Counter({
      name: 'hubspot_token_refreshes_total',
      help: 'Token refreshes by outcome',
      labelNames: ['outcome'] as const,
      registers,
    }),
    runs: new Counter({
      name: 'sync_runs_total',
      help: 'Sync runs finished',
      labelNames: ['kind', 'status'] as const,
      registers,
    }),
    records: new Counter({
      name: 'sync_records_total',
      help: 'Records handled by sync',
      labelNames: ['object', 'result'] as const,
      registers,
    }),
    securityEvents: new Counter({
      name: 'security_events_total',
      help: 'Requests refused for reasons of security',
      labelNames: ['code'] as const,
      registers,
    }),
    webhookEvents: new Counter({
      name: 'webhook_events_total',
      help: 'Webhook events by result',
      labelNames: ['result'] as const,
      registers,
    }),
    loginAttempts: new Counter({
      name: 'login_attempts_total',
      help: 'Sign-ins by outcome',
      labelNames: ['outcome'] as const,
      registers,
    }),
    alerts: new Counter({
      name: 'alerts_total',
      help: 'Alerts raised',
      labelNames: ['kind'] as const,
      registers,
    }),
    databaseReopenings: new Counter({
      name: 'database_reopenings_total',
      help: 'Times the database client was opened again after it had lost its server for good',
      labelNames: ['outcome'] as const,
      registers,
    }),
    ready: new Gauge({ name: 'ready', help: '1 when the process can serve', registers }),
  }
}
export type Metrics = ReturnType<typeof createMetrics>
