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
  charged?: boolean
  cost?: number
  note?: string
  json?: boolean
}

/** `understudy resolve [ATTEMPT]`: lists what is unknown, asks the upstream now, or says what became of an attempt. */
export async function resolve(
  api: Api,
  terminal: Terminal,
  attempt: string | undefined,
  options: ResolveOptions,
): Promise<ExitCode> {
  if (attempt === undefined) return listUnknown(api, terminal, options)
  const path = `/attempts/${encodeURIComponent(attempt)}`
  const body = verdictOf(options)
  if (options.look === true) {
    if (body !== null) throw usage('--look asks the upstream. Look first, and resolve after it.')
    const found = await api.call('POST', `${path}/look`, operatedAttempt)
    if (options.json === true) sayJson(terminal, found)
    else say(terminal, `${lineOf(found)}  asked again now`)
    return exitCodes.fine
  }
  if (body === null) throw usage('Pass --look, --taken UPSTREAM_ID or --not-taken.')
  if (options.note === undefined)
    throw usage('Pass --note: how you know. The tenant and the audit log see it.')
  const settled = await api.call('POST', `${path}/resolve`, operatedAttempt, {
    body: { ...body, note: options.note },
  })
  if (options.json === true) sayJson(terminal, settled)
  else say(terminal, lineOf(settled))
  return exitCodes.fine
}

function verdictOf({ taken, notTaken, charged, cost }: ResolveOptions): object | null {
  if (taken !== undefined && notTaken === true) throw usage('Pass --taken or --not-taken, not both.')
  if (taken !== undefined) return { verdict: 'taken', upstream_id: taken }
  if (notTaken !== true) return null
  const isCharged = charged === true || cost !== undefined
  return { verdict: 'not_taken', charged: isCharged, ...(cost !== undefined && { cost_usd: cost }) }
}

async function listUnknown(api: Api, terminal: Terminal, { json }: ResolveOptions): Promise<ExitCode> {
  const query = 'attempt_state=unknown&order=oldest&limit=100'
  const found = await api.call('GET', `/generations?${query}`, operatedPage)
  if (json === true) sayJson(terminal, found.data)
  else say(terminal, found.data.length === 0 ? 'No outcome is unknown.' : unknownTable(found.data))
  if (found.has_more) note(terminal, 'There are more. Resolve these first.')
  return exitCodes.fine
}

function unknownTable(generations: readonly OperatedGeneration[]): string {
  const rows = generations.flatMap(({ id, tenant, status, attempts }) =>
    attempts
      .filter(({ state }) => state === 'unknown')
      .map((each) => [
        each.id,
        id,
        tenant,
        status,
        each.upstream,
        each.started_at,
        `up to ${dollars(each.cost_usd)}`,
        each.candidate_upstream_id ?? '–',
      ]),
  )
  const head = [
    'attempt',
    'generation',
    'tenant',
    'status',
    'upstream',
    'since',
    'may be charged',
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
