import type { Attempt, Generation } from '../../src/gateway/domain/generation/generation.ts'
import { aFailure, aGeneration, anAttempt, aRouteRequest, attemptId, deepFreeze, T0 } from './builders.ts'

export const request = aRouteRequest()

export function failedAt(
  upstream: string,
  code: Parameters<typeof aFailure>[0],
  more: Partial<Attempt> = {},
): Attempt {
  return anAttempt({
    upstream,
    state: 'failed',
    costState: 'settled',
    failure: aFailure(code),
    endedAt: T0,
    dueAt: null,
    ...more,
  })
}

export function after(attempts: Attempt[], overrides: Partial<Generation> = {}): Generation {
  return deepFreeze(
    aGeneration(
      {},
      {
        status: 'in_progress',
        attempts: attempts.map((attempt, index) => ({ ...attempt, id: attemptId(index + 1) })),
        ...overrides,
      },
    ),
  )
}
