import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'

/** What `/metrics` shows. Labels never carry a tenant's or a person's name. */
export function createMetrics() {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  return {
    registry,
    rejectedWebhooks: new Counter({
      name: 'parley_webhooks_rejected_total',
      help: 'Deliveries refused for their signature',
      labelNames: ['channel', 'reason'],
      registers,
    }),
    jobs: new Counter({
      name: 'parley_jobs_total',
      help: 'Jobs by name and outcome',
      labelNames: ['name', 'outcome'],
      registers,
    }),
    jobSeconds: new Histogram({
      name: 'parley_job_duration_seconds',
      help: 'Duration of a job',
      labelNames: ['name'],
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
      registers,
    }),
    oldestLook: new Gauge({
      name: 'parley_polling_oldest_seconds',
      help: 'How long ago the contact was looked at who waits longest for it, of all inboxes that are polled',
      registers,
    }),
    sockets: new Gauge({ name: 'parley_sockets', help: 'Open subscription sockets', registers }),
  }
}

export type Metrics = ReturnType<typeof createMetrics>
