import type { Attempt, Generation } from './generation.ts'
import { verdictAt } from '../scheduling/last-poll.ts'

/** Monotone; 100 only when the video is in the archive. */
export function progressOf({ status, progress, attempts }: Generation): number {
  if (status === 'completed') return 100
  return Math.min(99, Math.max(progress, ...attempts.map((attempt) => attempt.progress)))
}

/** The earliest instant at which anything needs work; null when nothing does. */
export function dueAtOf(generation: Generation): number | null {
  const instants = generation.attempts.flatMap(({ dueAt }) => (dueAt === null ? [] : [dueAt]))
  if (generation.nextAttemptAt !== null) instants.push(generation.nextAttemptAt)
  const verdict = verdictAt(generation)
  if (verdict !== null) instants.push(verdict)
  return instants.length === 0 ? null : Math.min(...instants)
}

/** What a generation may cost beyond the reservations of its attempts, in micro-dollars. */
export function headroomMicros({ plan, attempts }: Pick<Generation, 'plan' | 'attempts'>): number {
  const committed = attempts.reduce((sum, attempt) => sum + committedMicros(attempt), 0)
  return Math.max(0, plan.worstCaseCostMicros - committed)
}

function committedMicros({ costState, costMicros, reservedMicros }: Attempt): number {
  return costState === 'settled' ? costMicros : reservedMicros
}
