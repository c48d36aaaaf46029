import { z } from 'zod'
import type { Api } from '../gateway/api.ts'
import { exitCodes, say, sayJson } from '../output/terminal.ts'
import type { ExitCode, Terminal } from '../output/terminal.ts'

const callShape = z.object({
  operation: z.string(),
  status: z.string(),
  http_status: z.number().nullable(),
  milliseconds: z.number(),
  message: z.string().nullable(),
  jobs: z.number().nullable(),
  models: z.array(z.string()).nullable(),
  balance: z.object({ amount: z.number(), unit: z.string(), usd: z.number().nullable() }).nullable(),
})
const probeShape = z.object({
  upstream: z.string(),
  calls: z.array(callShape),
  missing_models: z.array(z.string()).nullable(),
})

type Call = z.output<typeof callShape>

/** `understudy probe UPSTREAM`: what its calls that cost nothing say. Ends with an error if one of them fails. */
export async function probeUpstream(
  api: Api,
  terminal: Terminal,
  upstream: string,
  { json }: { json?: boolean },
): Promise<ExitCode> {
  const path = `/upstreams/${encodeURIComponent(upstream)}/probe`
  const probe = await api.call('POST', path, probeShape)
  if (json === true) sayJson(terminal, probe)
  else {
    if (probe.calls.length === 0) say(terminal, `${upstream} has no call that costs nothing.`)
    for (const call of probe.calls) say(terminal, callLine(call))
    const missing = probe.missing_models ?? []
    if (missing.length > 0) say(terminal, `Configured, but not listed: ${missing.join(', ')}.`)
  }
  const isFine = probe.calls.every(({ status }) => status === 'ok' || status === 'unsupported')
  return isFine ? exitCodes.fine : exitCodes.failed
}

function callLine({ operation, status, milliseconds, message, ...found }: Call): string {
  return [operation, status, `${milliseconds} ms`, message ?? seenIn(found)].join('  ')
}

function seenIn({ jobs, models, balance }: Pick<Call, 'jobs' | 'models' | 'balance'>): string {
  if (balance !== null) {
    const usd = balance.usd === null || balance.unit === 'usd' ? '' : ` ($${balance.usd.toFixed(2)})`
    return `${balance.amount} ${balance.unit}${usd}`
  }
  return models === null ? `${jobs ?? 0} jobs on the first page` : models.join(', ')
}
