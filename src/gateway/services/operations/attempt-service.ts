import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Client } from '../../domain/accounts/client.ts'
import type { Generation } from '../../domain/generation/generation.ts'
import { isAuditId } from '../../domain/ids.ts'
import type { AttemptId } from '../../domain/ids.ts'
import { Problem } from '../../domain/problem.ts'
import type { ExchangeStore, StoredExchange } from '../../ports/operations/exchange-store.ts'
import { transition } from '../../domain/attempts/transition.ts'
import type { AttemptExchanges, AttemptService, PlacedAttempt } from './attempts.ts'
import { auditEntry } from '../accounts/audit-entry.ts'
import type { Evidence } from './evidence.ts'
import { withoutWork } from './exchange-view.ts'
import type { OnceOnly } from '../once-only.ts'
import { noSuchGeneration } from '../generations/within-reach.ts'
import { findAttempt, inState } from './placed-attempt.ts'
import { resolveAttempt } from './resolve-attempt.ts'
import type { NoteView } from './view-audit.ts'
import type { ResolveDeps } from './resolve-attempt.ts'

export type AttemptServiceDeps = ResolveDeps & {
  exchanges: ExchangeStore
  onceOnly: OnceOnly
  noteView: NoteView
}

export function createAttemptService(deps: AttemptServiceDeps): AttemptService {
  return {
    async exchanges(client, id) {
      const generation = (await deps.store.get(id))?.generation
      if (generation === undefined) throw noSuchGeneration()
      const { tenant } = generation
      if (tenant !== client.tenant) await deps.noteView(client, { subject: id, tenant, part: 'exchanges' })
      const stored = counted(deps.evidence, await deps.exchanges.list(id))
      const shown = client.scopes.includes('operate_prompts') ? stored : await masked(generation, stored)
      return byAttempt(generation, shown)
    },
    look: (client, id) => lookAt(deps, client, id),
    resolve: (client, id, input, idempotency) =>
      deps.onceOnly.run({
        tenant: client.tenant,
        idempotency,
        newId: () => deps.ids.audit(),
        isId: isAuditId,
        async find(auditId) {
          const { generation, attempt } = await findAttempt(deps.store, id)
          return attempt.resolution?.id === auditId ? { generationId: generation.id, attempt } : null
        },
        make: (auditId, call) => resolveAttempt(deps, client, { id, input, auditId, call }),
      }),
  }
}

/** A caller and a worker write beside this one at most. */
const conflictRounds = 8

async function lookAt(deps: AttemptServiceDeps, client: Client, id: AttemptId): Promise<PlacedAttempt> {
  const { store, clock, onWork } = deps
  for (let round = 0; round < conflictRounds; round++) {
    const { generation, version, attempt } = await findAttempt(store, id)
    if (!['unknown', 'running', 'abandoned'].includes(attempt.state))
      throw inState(attempt, `This attempt is ${attempt.state}: its upstream cannot be polled now.`)
    const event = { type: 'poll_requested', at: clock.now(), attemptId: id } as const
    const { generation: next, entries } = transition(generation, event)
    const audit = auditEntry(deps, {
      actor: client,
      action: 'attempt.looked_at',
      subject: id,
      data: { generation: generation.id },
    })
    if ((await store.save(next, { version, entries, lease: null, audit })) !== 'saved') continue
    onWork()
    return { generationId: next.id, attempt: next.attempts.find((each) => each.id === id) ?? attempt }
  }
  throw new Problem('conflict', 'The attempt is being changed. Try again.')
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
  const mask = withoutWork(generation, stored)
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
