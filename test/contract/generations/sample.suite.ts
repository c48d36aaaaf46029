import type { Test } from 'tap'
import { ulid } from 'ulid'
import type { Generation } from '../../../src/gateway/domain/generation/generation.ts'
import type { SampleQuery } from '../../../src/gateway/ports/generations/generation-search.ts'
import type { GenerationStorage } from '../../../src/gateway/ports/generations/generation-storage.ts'
import { aGeneration, START } from '../../fixtures/generation.ts'
import { insert } from './setup.ts'
import type { Make } from './setup.ts'

const minute = 60_000
const everything: SampleQuery = { tenant: null, from: START, to: START + 60 * minute, limit: 1000 }

function made(change: Partial<Generation>, createdAt = START): Generation {
  return aGeneration({
    id: `gen_${ulid(createdAt).toLowerCase()}`,
    status: 'completed',
    createdAt,
    dueAt: null,
    ...change,
  })
}

async function sampled(store: GenerationStorage, change: Partial<SampleQuery> = {}) {
  const { total, generations } = await store.sampleCompleted({ ...everything, ...change })
  const ids = []
  for await (const { id } of generations) ids.push(id)
  return { total, ids }
}

/** Samples of delivered videos. */
export function sampleContract(t: Test, make: Make): void {
  t.test('a sample has what was delivered in its time, of its tenant', async (t) => {
    const store = await make(t)
    const first = made({})
    const second = made({ tenant: 'other' }, START + 30 * minute)
    const others = [
      made({}, START - 1),
      made({}, START + 60 * minute),
      made({ status: 'failed' }),
      made({ status: 'in_progress' }),
    ]
    for (const each of [first, second, ...others]) await insert(store, each)
    t.strictSame(await sampled(store), { total: 2, ids: [first.id, second.id] })
    t.strictSame(await sampled(store, { tenant: 'other' }), { total: 1, ids: [second.id] })
    t.strictSame(await sampled(store, { tenant: 'nobody' }), { total: 0, ids: [] })
  })

  t.test('beyond its limit a sample is spread over what there is, and always the same', async (t) => {
    const store = await make(t)
    for (let each = 0; each < 120; each++) await insert(store, made({}, START + (each % 60) * minute))
    const once = await sampled(store, { limit: 60 })
    t.equal(once.total, 120)
    t.equal(new Set(once.ids).size, 60)
    t.strictSame(await sampled(store, { limit: 60 }), once)
    const ids = (await sampled(store)).ids
    const early = once.ids.filter((id) => id < (ids[60] ?? '')).length
    // Chance puts fewer than 10 or more than 50 of 60 into one half once in 10^12 times.
    t.ok(early > 10 && early < 50, `${early} of 60 in the first half`)
  })
}
