import type { Attempt, Generation } from './generation.ts'

/**
 * The generation with times that never run backwards, for who reads them. The wall clock may have been set back in the midst
 * of it: what is stored stays the reading of its moment, so that durations and retention go by it.
 */
export function withShownTimes(generation: Generation): Generation {
  const { createdAt, completedAt } = generation
  let started = createdAt
  const attempts = generation.attempts.map((attempt): Attempt => {
    started = Math.max(started, attempt.startedAt)
    return { ...attempt, startedAt: started, endedAt: notBefore(started, attempt.endedAt) }
  })
  if (completedAt === null) return { ...generation, attempts }
  const ends = generation.attempts.flatMap(({ endedAt }, place) =>
    endedAt !== null && endedAt <= completedAt ? [attempts[place]?.endedAt ?? createdAt] : [],
  )
  return { ...generation, attempts, completedAt: Math.max(createdAt, completedAt, ...ends) }
}

function notBefore(least: number, instant: number | null): number | null {
  return instant === null ? null : Math.max(least, instant)
}
