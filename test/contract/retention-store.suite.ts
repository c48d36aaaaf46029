import type { Test } from 'tap'
import type { Attempt, Generation } from '../../src/gateway/domain/generation/generation.ts'
import type { AuditLog } from '../../src/gateway/ports/accounts/audit-log.ts'
import type { DeliveryStore } from '../../src/gateway/ports/webhooks/delivery-store.ts'
import type { GenerationStorage } from '../../src/gateway/ports/generations/generation-storage.ts'
import type { RetentionStore } from '../../src/gateway/ports/generations/retention-store.ts'
import { aGeneration, aLogEntry, anAttempt, attemptId, generationId, START } from '../fixtures/generation.ts'
import { anAuditEntry, auditId } from '../fixtures/key.ts'

const DAY = 24 * 3600_000
const unlimited = { monthStart: 0, monthlyBudgetMicros: null, maxInFlight: null }
const everything = { tenant: null, from: 0, to: START - (START % DAY) + 30 * DAY, limit: 100 }
const anyEntry = { tenant: null, key: null, action: null, subject: null, from: null, to: null, before: null }

interface Stores {
  retained: RetentionStore
  generations: GenerationStorage
  deliveries: DeliveryStore
  audit: AuditLog
  /** As whoever has the database would. */
  deleteAuditEntries: () => Promise<unknown>
}

const settled: Partial<Attempt> = {
  state: 'succeeded',
  costState: 'settled',
  costMicros: 120_000,
  delivered: true,
  dueAt: null,
  endedAt: START,
}

function ended(n: number, attempt: Partial<Attempt> = settled, more: Partial<Generation> = {}): Generation {
  return aGeneration({
    id: generationId(n),
    status: 'completed',
    dueAt: null,
    createdAt: START + n,
    completedAt: START + n,
    attempts: [anAttempt({ id: attemptId(n), startedAt: START + n, ...attempt })],
    ...more,
  })
}

/** What every RetentionStore guarantees. */
export function retentionStoreContract(t: Test, make: (t: Test) => Promise<Stores>): void {
  t.test('ended generations are found oldest first, page by page, and no others', async (t) => {
    const { retained, generations } = await make(t)
    for (const n of [3, 1, 2, 9])
      await generations.insert(ended(n), { entries: [aLogEntry()], idempotency: null, limits: unlimited })
    await generations.insert(aGeneration({ id: generationId(4) }), {
      entries: [],
      idempotency: null,
      limits: unlimited,
    })
    const first = await retained.endedBefore(START + 9, null, 2)
    t.match(first, [
      { id: generationId(1), hasOpenAttempt: false, hasPendingDelivery: false, hasEvents: true },
      { id: generationId(2), hasDeliveries: false },
    ])
    const second = await retained.endedBefore(START + 9, first[1] ?? null, 2)
    t.same(
      second.map(({ id }) => id),
      [generationId(3)],
    )
  })

  t.test('what a removed generation cost stays in the reports', async (t) => {
    const { retained, generations } = await make(t)
    await generations.insert(ended(1), { entries: [aLogEntry()], idempotency: null, limits: unlimited })
    const before = await generations.usage({ ...everything, groupBy: ['key', 'upstream'] })
    t.equal(before.totals.costMicros, 120_000)
    t.equal(await retained.removeAttempts(START + DAY, 10), 0, 'not while its generation is there')
    t.equal(await retained.removeEnded(generationId(1)), true)
    t.equal(await generations.get(generationId(1)), null)
    t.same(await generations.events(generationId(1), 0, 10), [])
    t.equal(await retained.removeAttempts(START, 10), 0, 'not before its time')
    t.equal(await retained.removeAttempts(START + DAY, 10), 1)
    t.same(await generations.usage({ ...everything, groupBy: ['key', 'upstream'] }), before)
    t.equal(await generations.committedMicros('studio', 'key_studio', 0), 120_000)
  })

  t.test('a record with an open attempt stays, and so does the attempt', async (t) => {
    const { retained, generations } = await make(t)
    const open = { state: 'abandoned', costState: 'reserved', dueAt: null } as const
    await generations.insert(ended(1, open), { entries: [aLogEntry()], idempotency: null, limits: unlimited })
    t.match(await retained.endedBefore(START + DAY, null, 10), [{ hasOpenAttempt: true }])
    t.equal(await retained.removeEnded(generationId(1)), false)
    t.ok(await generations.get(generationId(1)))
    await generations.remove(generationId(1))
    t.equal(await retained.removeAttempts(START + DAY, 10), 0)
  })

  t.test('a record goes only when its webhook was told', async (t) => {
    const { retained, generations, deliveries } = await make(t)
    const request = {
      ...aGeneration().request,
      webhookUrl: 'https://hooks.example.com/a',
      webhookEvents: ['generation.completed' as const],
    }
    const one = ended(1, settled, { request })
    await generations.insert(one, { entries: [aLogEntry()], idempotency: null, limits: unlimited })
    await generations.save(one, {
      version: 1,
      entries: [aLogEntry({ type: 'generation.completed' })],
      lease: null,
    })
    t.match(await retained.endedBefore(START + DAY, null, 10), [{ hasPendingDelivery: true }])
    t.equal(await retained.removeEnded(one.id), false)
    await retained.removeDeliveries(one.id)
    const [claimed] = await deliveries.claimDue({
      now: START + DAY,
      owner: 'w',
      leaseUntil: START + 2 * DAY,
      limit: 1,
      perTenant: 1,
      perDestination: 1,
      underWay: [],
    })
    if (claimed === undefined) throw new Error('a pending delivery was removed')
    await deliveries.recordTry({ ...claimed.delivery, state: 'delivered', dueAt: null }, 'w')
    await retained.removeDeliveries(one.id)
    t.same(await deliveries.list({ generationId: one.id, before: null, limit: 10 }), [])
    t.equal(await retained.removeEnded(one.id), true)
  })

  t.test('the audit log lets go of what a note in it names, and of nothing else', async (t) => {
    const { retained, audit, deleteAuditEntries } = await make(t)
    for (const n of [1, 2, 3]) await audit.append(anAuditEntry({ id: auditId(n), at: START + n * DAY }))
    await t.rejects(deleteAuditEntries(), 'without a note nothing goes')
    const note = () => anAuditEntry({ at: START + 9 * DAY, action: 'audit.entries_removed' })
    t.equal(await retained.removeAudit(START, note(), 10), 0)
    t.equal((await audit.list({ ...anyEntry, limit: 10 })).length, 3, 'no note where nothing goes')
    t.equal(await retained.removeAudit(START + 3 * DAY, note(), 1), 1)
    t.equal(await retained.removeAudit(START + 3 * DAY, note(), 1), 1)
    t.equal(await retained.removeAudit(START + 3 * DAY, note(), 1), 0)
    t.match(await audit.list({ ...anyEntry, limit: 10 }), [
      { action: 'audit.entries_removed', data: { before: new Date(START + 3 * DAY).toISOString() } },
      { id: auditId(3) },
    ])
    await t.rejects(deleteAuditEntries(), 'nor anything younger than it names')
  })
}
