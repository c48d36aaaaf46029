import type { Json } from '../json.ts'
import type { Generation } from '../generation/generation.ts'
import type { LogEntry, LogEntryType } from '../generation/history.ts'

export type LogLevel = 'debug' | 'info' | 'warn'

/** How loud each event is in the log. `debug` is what happens at every poll. */
const levels: Record<LogEntryType, LogLevel> = {
  'generation.queued': 'info',
  'generation.warning': 'warn',
  'generation.resubmitted': 'warn',
  'generation.completed': 'info',
  'generation.failed': 'warn',
  'generation.cancelled': 'info',
  'generation.late_video': 'warn',
  'generation.video_expired': 'info',
  'attempt.started': 'info',
  'attempt.rebinding': 'info',
  'attempt.submitting': 'info',
  'attempt.accepted': 'info',
  'attempt.progress': 'debug',
  'attempt.unknown': 'warn',
  'attempt.resolved': 'info',
  'attempt.contradicted': 'warn',
  'attempt.abandoned': 'warn',
  'attempt.archiving': 'info',
  'attempt.succeeded': 'info',
  'attempt.failed': 'warn',
  'attempt.settled': 'info',
  'attempt.cost_differs': 'warn',
}

/** Members of an entry that are safe to publish. Messages and details are not: a vendor may repeat the prompt in them. */
const shown = ['attempt', 'upstream', 'upstream_id', 'fidelity', 'code', 'verdict', 'by'] as const

const shownNames: ReadonlySet<string> = new Set(shown)

export function isPublicMember(name: string): boolean {
  return shownNames.has(name)
}

/** Members in micro-dollars, by the name that they have in US dollars. */
const money = {
  cost_micros: 'cost_usd',
  reserved_micros: 'reserved_usd',
  vendor_micros: 'vendor_usd',
  expected_micros: 'expected_usd',
} as const

export interface LogLine {
  level: LogLevel
  fields: { [key: string]: Json }
  message: string
}

/** What the log says of an event of a generation: who it belongs to, what it concerns, and no word of a prompt. */
export function logLineOf(
  { id, tenant, key }: Pick<Generation, 'id' | 'tenant' | 'key'>,
  { type, data }: Pick<LogEntry, 'type' | 'data'>,
  requestId: string | null = null,
): LogLine {
  const fields: LogLine['fields'] = { generation: id, tenant, client: key }
  if (requestId !== null) fields['request_id'] = requestId
  for (const name of shown) if (data[name] !== undefined) fields[name] = data[name]
  for (const [micros, usd] of Object.entries(money)) {
    const amount = data[micros]
    if (typeof amount === 'number') fields[usd] = amount / 1e6
  }
  return { level: levels[type], fields, message: type.replace('.', ' ').replaceAll('_', ' ') }
}
