import type { ProbeReport, ProbedCall, ProbeStatus } from './domain/steering/probe.ts'
import type { ListenProbe } from './storage/postgres/probe-listening.ts'
import type { PostgresProbe } from './storage/postgres/probe-postgres.ts'
import type { UpstreamSpec } from './domain/routing/upstream.ts'

/** What to do next; null if there is nothing to do. */
const advice: Record<ProbeStatus, string | null> = {
  ok: null,
  account_rejected: 'Check the key and the balance of the account.',
  busy: 'Ask again later.',
  unsupported: null,
  unreachable: 'Check base_url, the name server and what the firewall lets out.',
  unreadable: 'Compare dialect, profile and base_url with docs/UPSTREAMS.md.',
}

/** The database server in lines for people. */
export function databaseLines(address: string, probe: PostgresProbe): string[] {
  if (probe.ok) return [`database (PostgreSQL ${probe.version}, ${address})`, `  answers  ok, ${probe.ms} ms`]
  const next = probe.advice ?? 'Check storage.url, and whether the server runs.'
  return [`database (PostgreSQL, ${address})`, `  answers  ${probe.message}`, `           ${next}`]
}

interface Listening {
  /** Where it listens, if that is another address than that of the database; null if not. */
  listenAddress: string | null
  /** A pooler in transaction mode is declared, and no way around it: nothing is expected to be heard. */
  isPooled: boolean
}

/** Whether nodes hear of each other, in lines for people. */
export function listenLines(probe: ListenProbe, listening: Listening): { ok: boolean; lines: string[] } {
  const { ok, said, next } = heardOf(probe, listening)
  const at = listening.listenAddress === null ? '' : ` (${listening.listenAddress})`
  return { ok, lines: [`  listens  ${said}${at}`, ...(next === null ? [] : [`           ${next}`])] }
}

function heardOf(
  probe: ListenProbe,
  { listenAddress, isPooled }: Listening,
): { ok: boolean; said: string; next: string | null } {
  switch (probe.type) {
    case 'heard':
      return { ok: true, said: `ok, ${probe.ms} ms`, next: null }
    case 'not_heard':
      if (isPooled)
        return {
          ok: true,
          said: 'not behind this pooler; nodes look for changes every three seconds',
          next: 'To hear at once, set storage.listen_url to the URL of the server itself.',
        }
      return {
        ok: false,
        said: 'no notification arrives, as behind a pooler in transaction mode',
        next:
          listenAddress === null
            ? 'Set storage.prepared_statements: false, and storage.listen_url to the URL of the server itself.'
            : 'Set storage.listen_url to the URL of the server itself, or of a pooler in session mode.',
      }
    case 'elsewhere':
      return {
        ok: false,
        said: 'another server or database than that of storage.url',
        next: 'Set storage.listen_url to the same database on the same server.',
      }
    case 'failed': {
      const named = listenAddress === null ? 'storage.url' : 'storage.listen_url'
      return {
        ok: false,
        said: probe.message,
        next: probe.advice ?? `Check ${named}, and whether the server runs.`,
      }
    }
  }
}

type Asked = Pick<UpstreamSpec, 'id' | 'kind' | 'dialect' | 'disabled'>

/** Whether somebody has to look at this upstream before it can be relied on. */
export function needsAttention({ calls, missingModels }: ProbeReport): boolean {
  const isTroubled = calls.some(({ status, balance }) => advice[status] !== null || isEmpty(balance))
  const isNowhere = calls.length > 0 && calls.every(({ status }) => status === 'unsupported')
  return isTroubled || isNowhere || (missingModels ?? []).length > 0
}

/** One upstream in lines for people. */
export function doctorLines({ id, kind, dialect, disabled }: Asked, report: ProbeReport): string[] {
  const { calls, missingModels } = report
  const isNowhere = calls.length > 0 && calls.every(({ status }) => status === 'unsupported')
  return [
    `${id} (${kind}, ${dialect}${disabled === true ? ', disabled' : ''})`,
    ...calls.flatMap(callLines),
    ...(calls.length === 0
      ? [`  It has no calls that cost nothing. To try it: understudy verify ${id} --spend 0.50`]
      : []),
    ...(isNowhere ? [`  None of its endpoints is there. ${advice.unreadable ?? ''}`] : []),
    ...((missingModels ?? []).length > 0
      ? [`  Its list of models lacks ${missingModels?.join(', ')}. Check \`models\`.`]
      : []),
  ]
}

function callLines({ operation, status, httpStatus, ms, message, ...seen }: ProbedCall): string[] {
  const answer = [status, httpStatus === null ? null : `HTTP ${httpStatus}`, `${ms} ms`, found(seen)]
  const told = [
    message,
    advice[status],
    isEmpty(seen.balance) ? 'The account is empty: creates will be rejected.' : null,
  ]
  return [
    `  ${operation.padEnd(7)}  ${answer.filter((part) => part !== null).join(', ')}`,
    ...told.filter((line) => line !== null && line !== '').map((line) => `           ${line}`),
  ]
}

function found({ jobs, models, balance }: Pick<ProbedCall, 'jobs' | 'models' | 'balance'>): string | null {
  if (jobs !== undefined) return `${jobs} ${jobs === 1 ? 'job' : 'jobs'} on the first page`
  if (models !== undefined) return `${models.length} ${models.length === 1 ? 'model' : 'models'}`
  if (balance === undefined) return null
  const worth = balance.micros === null ? '' : ` ($${(balance.micros / 1e6).toFixed(2)})`
  return `${balance.amount} ${balance.unit}${worth}`
}

function isEmpty(balance: ProbedCall['balance']): boolean {
  return balance !== undefined && balance.amount <= 0
}
