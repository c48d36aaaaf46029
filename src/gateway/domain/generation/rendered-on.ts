import { isLive, isTerminal } from './liveness.ts'
import type { Generation } from './generation.ts'

/**
 * The upstream that a series can stay on: the one that rendered this generation, else the one that is at it, else, before
 * its first attempt, the one it is planned for. Null when it ended without any.
 */
export function renderedOn(generation: Generation): string | null {
  const { attempts, plan } = generation
  const telling = attempts.find(({ state }) => state === 'succeeded') ?? attempts.findLast(isLive)
  if (telling !== undefined) return telling.upstream
  if (isTerminal(generation)) return null
  return (plan.candidates[0] ?? plan.standby[0])?.upstream ?? null
}
