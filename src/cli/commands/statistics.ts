import { z } from 'zod'
import type { Api } from '../gateway/api.ts'
import { dollars, table } from '../output/table.ts'
import { exitCodes, say, sayJson } from '../output/terminal.ts'
import type { ExitCode, Terminal } from '../output/terminal.ts'
import { instantOf } from '../values.ts'

const quantiles = z.object({ p50: z.number().nullable(), p95: z.number().nullable() })

const statistics = z.looseObject({
  upstream: z.string(),
  step: z.string(),
  complete_since: z.string().nullable(),
  data: z.array(
    z.looseObject({
      at: z.string(),
      creates: z.number(),
      succeeded: z.number(),
      failed: z.number(),
      failures: z.record(z.string(), z.number()),
      queue_seconds: quantiles,
      render_seconds: quantiles,
      download_seconds: quantiles,
      cost_usd: z.number(),
      unused_cost_usd: z.number(),
      breaker_openings: z.record(z.string(), z.number()),
      in_flight: z.number(),
    }),
  ),
})

export interface StatisticsOptions {
  step: string
  from?: string
  to?: string
  json?: boolean
}

/** `understudy statistics UPSTREAM`: what happened there, per hour or day. */
export async function showStatistics(
  api: Api,
  terminal: Terminal,
  upstream: string,
  { step, from, to, json }: StatisticsOptions,
): Promise<ExitCode> {
  const query = new URLSearchParams({
    step,
    ...(from !== undefined && { from: instantOf(from) }),
    ...(to !== undefined && { to: instantOf(to) }),
  })
  const path = `/upstreams/${encodeURIComponent(upstream)}/statistics?${query.toString()}`
  const found = await api.call('GET', path, statistics)
  if (json === true) sayJson(terminal, found)
  else say(terminal, shown(found))
  return exitCodes.fine
}

function shown({ upstream, step, data, complete_since: since }: z.output<typeof statistics>): string {
  const rows = data.map((row) => [
    step === 'day' ? row.at.slice(0, 10) : row.at.slice(0, 16),
    String(row.creates),
    String(row.succeeded),
    String(row.failed),
    times(row.queue_seconds),
    times(row.render_seconds),
    times(row.download_seconds),
    dollars(row.cost_usd),
    dollars(row.unused_cost_usd),
    String(Object.values(row.breaker_openings).reduce((sum, each) => sum + each, 0)),
    String(row.in_flight),
    Object.entries(row.failures)
      .map(([code, count]) => `${count} ${code}`)
      .join(', '),
  ])
  const head = [
    `${step} (UTC)`,
    'sent',
    'done',
    'failed',
    'queue p50/p95',
    'render p50/p95',
    'download p50/p95',
    'paid',
    'no video',
    'breaker',
    'in flight',
    'failures',
  ]
  const note = since === null ? '' : `\n\nAttempts from before ${since} may be removed.`
  return `${upstream}\n\n${table(head, rows)}${note}`
}

function times({ p50, p95 }: z.output<typeof quantiles>): string {
  return p50 === null || p95 === null ? '–' : `${p50.toFixed(1)}/${p95.toFixed(1)} s`
}
