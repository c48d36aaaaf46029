import type { Api } from '../gateway/api.ts'
import { dollars, table } from '../output/table.ts'
import { CliError, exitCodes, note, say, sayJson } from '../output/terminal.ts'
import type { ExitCode, Terminal } from '../output/terminal.ts'
import { operatedAttempt, operatedPage } from './shapes.ts'
import type { OperatedAttempt, OperatedGeneration } from './shapes.ts'

export interface ResolveOptions {
  look?: boolean
  taken?: string
  notTaken?: boolean
  notCharged?: boolean
  charged?: boolean
  cost?: number
  note?: string
  json?: boolean
}

/** `understudy resolve [ATTEMPT]`: lists what can be resolved, asks the upstream now, or says what became of an attempt. */
export async function resolve(
  api: Api,
  terminal: Terminal,
  attempt: string | undefined,
  options: ResolveOptions,
): Promise<ExitCode> {
  if (attempt === undefined) return listResolvable(api, terminal, options)
  const path = `/attempts/${encodeURIComponent(attempt)}`
  const body = verdictOf(options)
  if (options.look === true) {
    if (body !== null) throw usage('--look asks the upstream. Look first, and resolve after it.')
    const found = await api.call('POST', `${path}/look`, operatedAttempt)
    if (options.json === true) sayJson(terminal, found)
    else say(terminal, `${lineOf(found)}  asked again now`)
    return exitCodes.fine
  }
  if (body === null) throw usage('Pass --look, --taken UPSTREAM_ID, --not-taken, --charged or --not-charged.')
  if (options.note === undefined)
    throw usage('Pass --note: how you know. The tenant and the audit log see it.')
  const settled = await api.call('POST', `${path}/resolve`, operatedAttempt, {
    body: { ...body, note: options.note },
  })
  if (options.json === true) sayJson(terminal, settled)
  else say(terminal, lineOf(settled))
  return exitCodes.fine
}

function verdictOf({ taken, notTaken, charged, notCharged, cost }: ResolveOptions): object | null {
  const isCharged = charged === true || cost !== undefined
  const amount = { ...(cost !== undefined && { cost_usd: cost }) }
  if (taken !== undefined && notTaken === true) throw usage('Pass --taken or --not-taken, not both.')
  if (notCharged === true && isCharged) throw usage('Pass --charged or --not-charged, not both.')
  if (taken !== undefined) return { verdict: 'taken', upstream_id: taken }
  if (notTaken === true) return { verdict: 'not_taken', charged: isCharged, ...amount }
  if (notCharged === true) return { verdict: 'not_charged' }
  return isCharged ? { verdict: 'charged', ...amount } : null
}

async function listResolvable(api: Api, terminal: Terminal, { json }: ResolveOptions): Promise<ExitCode> {
  const found = await api.call('GET', '/generations?attention=true&order=oldest&limit=100', operatedPage)
  const shown = found.data.filter((generation) => resolvable(generation).length > 0)
  if (json === true) sayJson(terminal, shown)
  else say(terminal, shown.length === 0 ? 'Nothing is to be resolved.' : resolvableTable(shown))
  if (found.has_more) note(terminal, 'There are more. Resolve these first.')
  return exitCodes.fine
}

/** Attempts with an unknown outcome, and those that were paid without a video. */
function resolvable({ attempts, video }: OperatedGeneration): OperatedGeneration['attempts'] {
  const hasOther = video === null || attempts.some(({ delivered }) => delivered)
  return attempts.filter(({ state, cost_state: money, cost_usd: cost, delivered, resolution }) => {
    if (state === 'unknown') return true
    if (money !== 'settled' || cost === 0 || delivered) return false
    if (resolution !== null && resolution.contradicted_by === null) return false
    return state === 'failed' || (state === 'succeeded' && hasOther)
  })
}

function resolvableTable(generations: readonly OperatedGeneration[]): string {
  const rows = generations.flatMap((generation) =>
    resolvable(generation).map((each) => [
      each.id,
      generation.id,
      generation.tenant,
      generation.status,
      each.upstream,
      each.state,
      each.started_at,
      each.cost_state === 'settled' ? `${dollars(each.cost_usd)} paid` : `up to ${dollars(each.cost_usd)}`,
      each.candidate_upstream_id ?? '–',
    ]),
  )
  const head = [
    'attempt',
    'generation',
    'tenant',
    'status',
    'upstream',
    'state',
    'since',
    'charge',
    'candidate',
  ]
  return table(head, rows)
}

function lineOf(attempt: OperatedAttempt): string {
  const { id, upstream, state, upstream_id: job, cost_usd: cost, cost_state: money } = attempt
  const cents = money === 'settled' ? dollars(cost) : `up to ${dollars(cost)}`
  return [id, upstream, state, ...(job === null ? [] : [job]), cents].join('  ')
}

function usage(message: string): CliError {
  return new CliError(exitCodes.refused, message)
}
