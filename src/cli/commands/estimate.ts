import { z } from 'zod'
import type { Api } from '../gateway/api.ts'
import { dollars, table } from '../output/table.ts'
import { exitCodes, say, sayJson } from '../output/terminal.ts'
import type { ExitCode, Terminal } from '../output/terminal.ts'
import { present } from '../values.ts'

const estimate = z.looseObject({
  count: z.number(),
  model: z.string(),
  duration: z.number(),
  size: z.string(),
  characters: z.number(),
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
  json?: boolean
}

/** `understudy estimate`: what so many videos a month cost under each policy. */
export async function showEstimate(
  api: Api,
  terminal: Terminal,
  count: number,
  { model, duration, size, characters, json }: EstimateOptions,
): Promise<ExitCode> {
  const body = present({ count, model, duration, size, characters })
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
  const head = ['policy', 'upstream', 'characters', 'length', 'video', 'month', 'saved', '']
  const people = found.characters === 0 ? '' : ` with ${found.characters} characters`
  const work = `${found.count} videos a month: ${found.model}, ${found.duration} s, ${found.size}${people}`
  return `${work}\n\n${table(head, rows)}`
}

function dollarsOrNone(usd: number | null): string {
  return usd === null ? '–' : dollars(usd)
}
