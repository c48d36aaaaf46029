import type { Warning } from '../generation/failure.ts'
import type { Attempt, Generation } from '../generation/generation.ts'
import type { LogEntry, LogEntryType } from '../generation/history.ts'
import type { AttemptId } from '../ids.ts'
import type { Json } from '../json.ts'

/** The next generation while one transition writes it: an own copy of everything that may change, and the log it makes. */
export interface TransitionBuffer {
  next: Generation
  entries: LogEntry[]
  at: number
}

export function bufferOf(generation: Generation, at: number): TransitionBuffer {
  return {
    next: {
      ...generation,
      attempts: generation.attempts.map((attempt) => ({ ...attempt })),
      warnings: [...generation.warnings],
    },
    entries: [],
    at,
  }
}

export function attemptIn(buffer: TransitionBuffer, id: AttemptId): Attempt {
  const attempt = buffer.next.attempts.find((candidate) => candidate.id === id)
  if (attempt === undefined) throw new Error(`generation ${buffer.next.id} has no attempt ${id}`)
  return attempt
}

export function log(buffer: TransitionBuffer, type: LogEntryType, data: { [key: string]: Json } = {}): void {
  // If the clock was set back, no entry is dated before the creation of the generation.
  buffer.entries.push({ type, at: Math.max(buffer.at, buffer.next.createdAt), data })
}

export function warn(buffer: TransitionBuffer, warnings: readonly Warning[]): void {
  for (const warning of warnings) {
    const known = buffer.next.warnings.some(
      ({ code, detail }) => code === warning.code && detail === warning.detail,
    )
    if (known) continue
    buffer.next.warnings.push(warning)
    log(buffer, 'generation.warning', { code: warning.code, detail: warning.detail })
  }
}
