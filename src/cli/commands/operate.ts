import { z } from 'zod'
import type { Api } from '../gateway/api.ts'
import { exitCodes, say, sayJson } from '../output/terminal.ts'
import type { ExitCode, Terminal } from '../output/terminal.ts'
import { dollars } from '../output/table.ts'

const pauseShape = z.object({
  upstream: z.string().nullable(),
  reason: z.string(),
  until: z.string().nullable(),
})

const upstreamPage = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      kind: z.string(),
      dialect: z.string(),
      enabled: z.boolean(),
      pause: pauseShape.nullable(),
      models: z.array(z.string()),
      breakers: z.object({ create: z.object({ state: z.string() }) }),
      spend: z
        .object({
          spent_today_usd: z.number(),
          reserved_today_usd: z.number(),
          cap_usd: z.number().nullable(),
          left_usd: z.number().nullable(),
          resets_at: z.string(),
        })
        .nullish(),
    }),
  ),
})

type Upstream = z.output<typeof upstreamPage>['data'][number]

/** `understudy upstreams`: what each can take now. */
export async function listUpstreams(
  api: Api,
  terminal: Terminal,
  { json }: { json?: boolean },
): Promise<ExitCode> {
  const { data } = await api.call('GET', '/upstreams', upstreamPage)
  if (json === true) sayJson(terminal, data)
  else for (const each of data) say(terminal, upstreamLine(each))
  return exitCodes.fine
}

function upstreamLine({ id, kind, dialect, models, spend, ...state }: Upstream): string {
  return [id, kind, dialect, stateOf(state), models.join(', '), ...spendOf(spend)].join('  ')
}

/** Nothing where the key may not see it, or nothing is to be said. */
function spendOf(spend: Upstream['spend']): string[] {
  if (spend == null) return []
  const { spent_today_usd: spent, reserved_today_usd: reserved, cap_usd: cap } = spend
  if (cap === null && spent + reserved === 0) return []
  const today = `${dollars(spent)} today, ${dollars(reserved)} reserved`
  return [cap === null ? today : `${today}, of ${dollars(cap)} until ${spend.resets_at}`]
}

function stateOf({ enabled, pause, breakers }: Pick<Upstream, 'enabled' | 'pause' | 'breakers'>): string {
  if (!enabled) return 'disabled'
  if (pause !== null) return `paused: ${pause.reason}`
  return breakers.create.state === 'closed' ? 'ok' : `breaker ${breakers.create.state}`
}

export interface PauseOptions {
  reason: string
  until?: string
  json?: boolean
}

/** `understudy pause [UPSTREAM]`: no create leaves to it, or to any upstream. */
export async function pauseSubmissions(
  api: Api,
  terminal: Terminal,
  upstream: string | undefined,
  { reason, until, json }: PauseOptions,
): Promise<ExitCode> {
  const body = { reason, ...(until !== undefined && { until }) }
  const pause = await api.call('POST', `${pathOf(upstream)}/pause`, pauseShape, { body })
  if (json === true) sayJson(terminal, pause)
  else {
    const resume = ['understudy resume', ...(upstream === undefined ? [] : [upstream])].join(' ')
    say(terminal, `${nameOf(upstream)} paused until ${pause.until ?? resume}.`)
  }
  return exitCodes.fine
}

/** `understudy resume [UPSTREAM]` */
export async function resumeSubmissions(
  api: Api,
  terminal: Terminal,
  upstream: string | undefined,
): Promise<ExitCode> {
  const { resumed } = await api.call('POST', `${pathOf(upstream)}/resume`, z.object({ resumed: z.boolean() }))
  say(terminal, resumed ? `${nameOf(upstream)} resumed.` : `${nameOf(upstream)} not paused.`)
  return exitCodes.fine
}

const resetShape = z.object({ before: z.string(), models: z.array(z.string()) })

/** `understudy reset-breaker UPSTREAM OPERATION`: the next call of this operation goes out. */
export async function resetBreaker(
  api: Api,
  terminal: Terminal,
  upstream: string,
  operation: string,
): Promise<ExitCode> {
  const path = `${pathOf(upstream)}/breakers/${encodeURIComponent(operation)}/reset`
  const { before, models } = await api.call('POST', path, resetShape)
  say(terminal, `The ${operation} breaker of ${upstream} is closed. It was ${before.replace('_', '-')}.`)
  if (models.length > 0) say(terminal, `Tried again: ${models.join(', ')}.`)
  return exitCodes.fine
}

function pathOf(upstream: string | undefined): string {
  return upstream === undefined ? '/operations' : `/upstreams/${encodeURIComponent(upstream)}`
}

function nameOf(upstream: string | undefined): string {
  return upstream === undefined ? 'Submissions to all upstreams are' : `Submissions to ${upstream} are`
}
