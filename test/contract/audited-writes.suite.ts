import type { Test } from 'tap'
import type { AuditLog } from '../../src/gateway/ports/accounts/audit-log.ts'
import { askedAgain } from '../../src/gateway/domain/webhooks/delivery.ts'
import type { CallStore } from '../../src/gateway/ports/generations/call-store.ts'
import type { CharacterStore } from '../../src/gateway/ports/characters/character-store.ts'
import type { ComparisonStore } from '../../src/gateway/ports/characters/comparison-store.ts'
import type { DeliveryStore } from '../../src/gateway/ports/webhooks/delivery-store.ts'
import type { GenerationStorage } from '../../src/gateway/ports/generations/generation-storage.ts'
import type { InsertAudit } from '../../src/gateway/ports/generations/generation-store.ts'
import type { WebhookSecretStore } from '../../src/gateway/ports/webhooks/webhook-secret-store.ts'
import { aComparison } from '../fixtures/comparison.ts'
import { aCharacter, aGeneration, aLogEntry, START } from '../fixtures/generation.ts'
import { anAuditEntry } from '../fixtures/key.ts'

export interface AuditedStores {
  generations: GenerationStorage
  characters: CharacterStore
  comparisons: ComparisonStore
  deliveries: DeliveryStore
  webhookSecrets: WebhookSecretStore
  audit: AuditLog
  calls: CallStore
}

const monthStart = START - (START % 86_400_000)
const unlimited = { monthStart, monthlyBudgetMicros: null, maxInFlight: null }
const worst = aGeneration().plan.worstCaseCostMicros

async function subjects({ audit }: AuditedStores): Promise<Array<string | null>> {
  const none = { tenant: null, key: null, action: null, subject: null, from: null, to: null, before: null }
  const found = await audit.list({ ...none, limit: 100 })
  return found.map(({ subject }) => subject).toReversed()
}

function told(subject: string): InsertAudit {
  return { accepted: anAuditEntry({ subject }), nearBudget: null }
}

/** A write and its entry in the audit log are one: both are kept, or neither. */
export function auditedWritesContract(t: Test, make: (t: Test) => Promise<AuditedStores>): void {
  t.test('an accepted generation is told, one that is not accepted is not', async (t) => {
    const stores = await make(t)
    const { generations } = stores
    const full = { ...unlimited, maxInFlight: 1 }
    const record = { key: 'k1', requestHash: 'h', response: '{}' }
    await generations.insert(aGeneration(), {
      entries: [],
      idempotency: record,
      limits: full,
      audit: told('first'),
    })
    await generations.insert(aGeneration(), {
      entries: [],
      idempotency: null,
      limits: full,
      audit: told('too many'),
    })
    await generations.insert(aGeneration(), {
      entries: [],
      idempotency: record,
      limits: unlimited,
      audit: told('repeated'),
    })
    await generations.insert(aGeneration(), {
      entries: [],
      idempotency: null,
      limits: { ...unlimited, monthlyBudgetMicros: 0 },
      audit: told('poor'),
    })
    t.same(await subjects(stores), ['first'])
  })

  t.test('a save and a removal are told once they are kept', async (t) => {
    const stores = await make(t)
    const { generations } = stores
    const generation = aGeneration()
    await generations.insert(generation, { entries: [], idempotency: null, limits: unlimited })
    await generations.save(generation, {
      version: 1,
      entries: [],
      lease: null,
      audit: anAuditEntry({ subject: 'saved' }),
    })
    await generations.save(generation, {
      version: 1,
      entries: [],
      lease: null,
      audit: anAuditEntry({ subject: 'stale' }),
    })
    await generations.save(generation, { version: 2, entries: [], lease: null })
    await generations.remove(generation.id, anAuditEntry({ subject: 'removed' }))
    await generations.remove(generation.id, anAuditEntry({ subject: 'removed again' }))
    t.same(await subjects(stores), ['saved', 'removed'])
  })

  t.test('what is done to a character is told, what is not done to it is not', async (t) => {
    const stores = await make(t)
    const { characters } = stores
    const [one, twin] = [aCharacter(), aCharacter()]
    await characters.insert(one, anAuditEntry({ subject: 'made' }))
    await characters.insert(twin, anAuditEntry({ subject: 'name taken' }))
    await characters.update({ ...one, description: 'x' }, anAuditEntry({ subject: 'changed' }))
    await characters.update(twin, anAuditEntry({ subject: 'not there' }))
    await characters.remove(one.id, anAuditEntry({ subject: 'removed' }))
    await characters.remove(one.id, anAuditEntry({ subject: 'removed again' }))
    t.same(await subjects(stores), ['made', 'changed', 'removed'])
  })

  t.test('a comparison and its scores are told', async (t) => {
    const stores = await make(t)
    const comparison = aComparison()
    await stores.comparisons.insert(comparison, anAuditEntry({ subject: 'made' }))
    await stores.comparisons.putScores(
      comparison.id,
      [],
      { byLink: 1, byKey: 1 },
      anAuditEntry({ subject: 'scored' }),
    )
    t.same(await subjects(stores), ['made', 'scored'])
  })

  t.test('a secret of webhooks is told when it is made or removed, and only then', async (t) => {
    const stores = await make(t)
    const { webhookSecrets } = stores
    const secret = { tenant: 'studio', createdAt: START, expiresAt: null }
    const end = START + 100
    await webhookSecrets.insert({ ...secret, id: 'wsec_1' }, end, 1, anAuditEntry({ subject: 'made' }))
    await webhookSecrets.insert(
      { ...secret, id: 'wsec_2' },
      end,
      1,
      anAuditEntry({ subject: 'one too many' }),
    )
    await webhookSecrets.remove('other', 'wsec_1', anAuditEntry({ subject: 'not theirs' }))
    await webhookSecrets.remove('studio', 'wsec_1', anAuditEntry({ subject: 'removed' }))
    await webhookSecrets.remove('studio', 'wsec_1', anAuditEntry({ subject: 'removed again' }))
    t.same(await subjects(stores), ['made', 'removed'])
  })

  t.test('the call under an idempotency key is made with its work, and only then', async (t) => {
    const { webhookSecrets, calls } = await make(t)
    const call = { tenant: 'studio', keyHash: 'k' }
    const asked = { ...call, requestHash: 'h', subject: 'wsec_1', at: START }
    const again = (at: number, since: number) => calls.reserve({ ...asked, at }, since)
    t.match(await again(START, START), { first: true, made: false })
    const secret = { tenant: 'studio', createdAt: START, expiresAt: null }
    const write = (id: `wsec_${string}`, most: number) =>
      webhookSecrets.insert({ ...secret, id }, START + 100, most, anAuditEntry({ call }))
    await write('wsec_1', 0)
    t.match(await again(START, START), { first: false, made: false }, 'nothing was made')
    await write('wsec_1', 1)
    t.match(await again(START, START), { first: false, made: true })
    await webhookSecrets.remove('studio', 'wsec_1', anAuditEntry())
    t.match(await again(START, START), { first: false, made: true }, 'whatever became of it')
    t.match(await again(START + 9, START + 9), { first: true, made: false }, 'another call, a day later')
  })

  t.test('a delivery that is asked for again is told, one that is being sent is not', async (t) => {
    const stores = await make(t)
    const { generations, deliveries } = stores
    const generation = aGeneration()
    const webhook = { webhookUrl: 'https://hooks.example/x', webhookEvents: ['generation.queued' as const] }
    const told = { ...generation, request: { ...generation.request, ...webhook } }
    await generations.insert(told, {
      entries: [aLogEntry({ type: 'generation.queued' })],
      idempotency: null,
      limits: unlimited,
    })
    const [delivery] = await deliveries.list({ generationId: told.id, before: null, limit: 1 })
    if (delivery === undefined) throw new Error('there is no delivery')
    const again = askedAgain(delivery, START)
    await deliveries.requeue(again, START, anAuditEntry({ subject: 'again' }))
    const claim = { now: START, owner: 'worker-1', leaseUntil: START + 100, limit: 1 }
    await deliveries.claimDue({ ...claim, perTenant: 1, perDestination: 1, underWay: [] })
    await deliveries.requeue(again, START, anAuditEntry({ subject: 'being sent' }))
    t.same(await subjects(stores), ['again'])
  })

  t.test('the insert that brings a key to four fifths of its budget is told as such, once', async (t) => {
    const stores = await make(t)
    const budget = { ...unlimited, monthlyBudgetMicros: worst * 5 }
    for (let number = 1; number <= 6; number++) {
      const { accepted } = told(`${number}`)
      const entry = anAuditEntry({ subject: `near at ${number}`, once: 'near studio/key_studio 2026-01' })
      const nearBudget = { atMicros: worst * 4, entry }
      await stores.generations.insert(aGeneration(), {
        entries: [],
        idempotency: null,
        limits: budget,
        audit: { accepted, nearBudget },
      })
    }
    t.same(await subjects(stores), ['1', '2', '3', '4', 'near at 4', '5'])
  })
}
