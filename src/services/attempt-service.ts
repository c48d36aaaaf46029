import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Generation } from '../domain/generation.ts'
import { Problem } from '../domain/problem.ts'
import type { ExchangeStore, StoredExchange } from '../ports/exchange-store.ts'
import type { GenerationStore } from '../ports/generation-store.ts'
import type { AttemptExchanges, AttemptService } from './attempts.ts'
import type { Evidence } from './evidence.ts'
import { withoutWork } from './exchange-view.ts'

export interface AttemptServiceDeps {
  store: GenerationStore
  exchanges: ExchangeStore
  evidence: Evidence
}

export function createAttemptService(deps: AttemptServiceDeps): AttemptService {
  return {
    async exchanges(client, id) {
      const generation = (await deps.store.get(id))?.generation
      if (generation === undefined) throw noSuchGeneration()
      const stored = counted(deps.evidence, await deps.exchanges.list(id))
      const shown = client.scopes.includes('operate_prompts') ? stored : await masked(generation, stored)
      return byAttempt(generation, shown)
    },
  }
}

/** With what came again since the last ones were stored. */
function counted(evidence: Evidence, stored: StoredExchange[]): StoredExchange[] {
  const lasts = new Map(stored.map((each) => [each.attemptId, each.step]))
  return stored.map((each) =>
    each.step === lasts.get(each.attemptId)
      ? { ...each, repeated: each.repeated + evidence.repeatedSince(each.attemptId) }
      : each,
  )
}

/** One at a time: a long answer takes milliseconds, in which nobody else is served. */
async function masked(generation: Generation, stored: StoredExchange[]): Promise<StoredExchange[]> {
  const mask = withoutWork(generation)
  const shown: StoredExchange[] = []
  for (const each of stored) {
    shown.push(mask(each))
    await nextTurn()
  }
  return shown
}

function byAttempt({ attempts }: Generation, shown: StoredExchange[]): AttemptExchanges[] {
  return attempts.map((attempt) => ({
    attempt,
    exchanges: shown.filter(({ attemptId }) => attemptId === attempt.id),
  }))
}

export function noSuchGeneration(): Problem {
  const detail = 'There is no such generation.'
  return new Problem('not_found', detail, { faults: [{ pointer: '#/path/id', detail }] })
}
