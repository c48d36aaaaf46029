import type { Test } from 'tap'
import type { AuditLog } from '../../src/gateway/ports/accounts/audit-log.ts'
import type { GenerationStore } from '../../src/gateway/ports/generations/generation-store.ts'
import type { HoldStore, UpstreamSearch } from '../../src/gateway/ports/operations/hold-store.ts'
import { aGeneration, aLogEntry, START } from '../fixtures/generation.ts'
import { anAuditEntry } from '../fixtures/key.ts'

interface Stores {
  holds: HoldStore
  audit: AuditLog
  generations: GenerationStore
}

const search: UpstreamSearch = {
  upstream: 'official',
  state: 'searched',
  searchedAt: START,
  message: null,
  jobs: [
    { upstreamId: 'video_1', operation: { id: ['x', 1] }, model: null, prompt: null, createdAt: null },
    {
      upstreamId: 'video_2',
      operation: null,
      model: 'sora-2',
      prompt: 'a "boat"',
      seconds: 8,
      size: '320x240',
      createdAt: START,
    },
  ],
}

async function told({ audit }: Stores): Promise<number> {
  const all = { tenant: null, key: null, action: null, subject: null, from: null, to: null, before: null }
  return (await audit.list({ ...all, limit: 10 })).length
}

/** What every HoldStore guarantees. */
export function holdStoreContract(t: Test, make: (t: Test) => Promise<Stores>): void {
  t.test('a hold stays as it began until it is released, once and with its audit entry', async (t) => {
    const stores = await make(t)
    const { holds } = stores
    t.equal(await holds.heldSince(), null)
    t.equal(await holds.release(anAuditEntry()), false)
    t.equal(await told(stores), 0, 'nothing was released')
    await holds.hold(START)
    await holds.hold(START + 1)
    t.equal(await holds.heldSince(), START)
    const released = await Promise.all([1, 2, 3].map(() => holds.release(anAuditEntry())))
    t.equal(released.filter((each) => each).length, 1)
    t.equal(await told(stores), 1)
    t.equal(await holds.heldSince(), null)
    await holds.hold(START + 2)
    t.equal(await holds.heldSince(), START + 2, 'it can be held again')
  })

  t.test('the last event of a generation is as old as the copy', async (t) => {
    const { holds, generations } = await make(t)
    t.equal(await holds.lastEventAt(), null)
    const unlimited = { monthStart: START, monthlyBudgetMicros: null, maxInFlight: null }
    for (const at of [START + 5, START + 3]) {
      const generation = aGeneration()
      await generations.insert(generation, {
        entries: [{ ...aLogEntry(), at }],
        idempotency: null,
        limits: unlimited,
      })
    }
    t.equal(await holds.lastEventAt(), START + 5)
  })

  t.test(
    'of each upstream the last search is kept, also after the release, until another restore',
    async (t) => {
      const { holds } = await make(t)
      t.same(await holds.searches(), [])
      await holds.hold(START)
      await holds.keepSearch({
        ...search,
        state: 'unreachable',
        message: 'reset',
        searchedAt: null,
        jobs: [],
      })
      await holds.keepSearch(search)
      const other: UpstreamSearch = { ...search, upstream: 'vendor_%', state: 'no_list', jobs: [] }
      await holds.keepSearch(other)
      t.strictSame(await holds.searches(), [search, other])
      await holds.hold(START + 1)
      await holds.release(anAuditEntry())
      t.strictSame(await holds.searches(), [search, other])
      await holds.hold(START + 2)
      t.same(await holds.searches(), [])
    },
  )
}
