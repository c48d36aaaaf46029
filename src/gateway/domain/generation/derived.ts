import type { Generation } from './generation.ts'
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
