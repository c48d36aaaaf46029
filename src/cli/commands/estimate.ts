import { z } from 'zod'
import type { Api } from '../gateway/api.ts'
import { dollars, table } from '../output/table.ts'
import { exitCodes, say, sayJson } from '../output/terminal.ts'
import type { ExitCode, Terminal } from '../output/terminal.ts'
import { instantOf, present } from '../values.ts'

const estimate = z.looseObject({
  count: z.number(),
  model: z.string().nullable(),
  duration: z.number().nullable(),
  size: z.string().nullable(),
  characters: z.number().nullable(),
  history: z
    .looseObject({
      from: z.string(),
      to: z.string(),
      sampled: z.number(),
      cost_usd: z.number(),
      reserved_cost_usd: z.number(),
      unused_cost_usd: z.number(),
    })
    .optional(),
  data: z.array(
    z.looseObject({
      policy: z.string(),
      upstream: z.string().nullable(),
      fidelity: z.string().nullable(),
      duration: z.number().nullable(),
      per_video_usd: z.number().nullable(),
      month_usd: z.number().nullable(),
      saving_usd: z.number().nullable(),
      excluded: z.array(z.looseObject({ upstream: z.string(), code: z.string(), detail: z.string() })),
    }),
  ),
})

export interface EstimateOptions {
  model?: string
  duration?: number
  size?: string
  characters?: number
  from?: string
  to?: string
  tenant?: string
  json?: boolean
}

/**
 * `understudy estimate`: what so many videos a month cost under each policy, or without a number those that were delivered in
 * a period.
 */
export async function showEstimate(
  api: Api,
  terminal: Terminal,
  count: number | undefined,
  { model, duration, size, characters, from, to, tenant, json }: EstimateOptions,
): Promise<ExitCode> {
  const span = present({
    from: from === undefined ? undefined : instantOf(from),
    to: to === undefined ? undefined : instantOf(to),
    tenant,
  })
  const isHistory = count === undefined || Object.keys(span).length > 0
  const body = present({
    count,
    model,
    duration,
    size,
    characters,
    from_history: isHistory ? span : undefined,
  })
  const found = await api.call('POST', '/estimates', estimate, { body })
  if (json === true) sayJson(terminal, found)
  else say(terminal, shown(found))
  return exitCodes.fine
}

function shown(found: z.output<typeof estimate>): string {
  const rows = found.data.map((each) => [
    each.policy,
    each.upstream ?? '–',
    each.fidelity ?? '–',
    each.duration === null ? '–' : `${each.duration} s`,
    dollarsOrNone(each.per_video_usd),
    dollarsOrNone(each.month_usd),
    dollarsOrNone(each.saving_usd),
    each.upstream === null ? (each.excluded[0]?.detail ?? 'no upstream is suitable') : '',
  ])
  const period = found.history === undefined ? 'month' : 'period'
  const head = ['policy', 'upstream', 'characters', 'length', 'video', period, 'saved', '']
  return `${workOf(found)}\n\n${table(head, rows)}`
}

function workOf({ count, characters, history, ...one }: z.output<typeof estimate>): string {
  if (history !== undefined) {
    const { from, to, sampled, ...paid } = history
    const reserved = `may still be charged ${dollars(paid.reserved_cost_usd)}`
    const unused = `paid without a video ${dollars(paid.unused_cost_usd)}`
    const sample = sampled < count ? ` (estimated from ${sampled} of them)` : ''
    return `${count} videos delivered from ${from} to ${to}${sample}: paid ${dollars(paid.cost_usd)}, ${reserved}, ${unused}`
  }
  const people = characters === null || characters === 0 ? '' : ` with ${characters} characters`
  return `${count} videos a month: ${one.model}, ${one.duration} s, ${one.size}${people}`
}

function dollarsOrNone(usd: number | null): string {
  return usd === null ? '–' : dollars(usd)
}
