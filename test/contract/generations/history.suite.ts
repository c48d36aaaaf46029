import type { Test } from 'tap'
import type { LogEntry } from '../../../src/gateway/domain/generation/history.ts'
import { aGeneration, aLogEntry, generationId, START } from '../../fixtures/generation.ts'
import type { Make } from './setup.ts'
import { insert } from './setup.ts'

function entry(n: number): LogEntry {
  return aLogEntry({ type: 'attempt.progress', at: START + n, data: { n } })
}

export function historyContract(t: Test, make: Make): void {
  t.test('log records are numbered from 1 without gaps, in the order of the saves', async (t) => {
    const store = await make(t)
    const generation = aGeneration()
    await insert(store, generation, [entry(1), entry(2)])
    await store.save(generation, { version: 1, entries: [entry(3)], lease: null })
    await store.save(generation, { version: 2, entries: [], lease: null })
    await store.save(generation, { version: 1, entries: [entry(99)], lease: null })
    await store.save(generation, { version: 3, entries: [entry(4), entry(5), entry(6)], lease: null })
    const records = await store.events(generation.id, 0, 100)
    const expected = [1, 2, 3, 4, 5, 6].map((n) => ({ seq: n, ...entry(n) }))
    t.strictSame(records, expected)
  })

  t.test('racing writers leave a log without gaps or repeats', async (t) => {
    const store = await make(t)
    const generation = aGeneration()
    await insert(store, generation, [])
    const writer = async (name: string) => {
      for (let saved = 0; saved < 10;) {
        const stored = await store.get(generation.id)
        if (!stored) throw new Error('gone')
        const data = { writer: name, nth: saved }
        const entries = [aLogEntry({ data }), aLogEntry({ data })]
        if (
          (await store.save(stored.generation, { version: stored.version, entries, lease: null })) === 'saved'
        )
          saved += 1
      }
    }
    await Promise.all(['a', 'b', 'c', 'd'].map((name) => writer(name)))
    const records = await store.events(generation.id, 0, 1000)
    t.same(
      records.map(({ seq }) => seq),
      Array.from({ length: 80 }, (_, n) => n + 1),
    )
    for (const name of ['a', 'b', 'c', 'd']) {
      const own = records.filter(({ data }) => data['writer'] === name).map(({ data }) => data['nth'])
      t.same(
        own,
        Array.from({ length: 20 }, (_, n) => Math.floor(n / 2)),
      )
    }
  })

  t.test('a log is read on from any record, up to a limit', async (t) => {
    const store = await make(t)
    const generation = aGeneration()
    await insert(store, generation, [1, 2, 3, 4, 5].map(entry))
    const seqs = async (after: number, limit: number) =>
      (await store.events(generation.id, after, limit)).map(({ seq }) => seq)
    t.same(await seqs(2, 2), [3, 4])
    t.same(await seqs(4, 2), [5])
    t.same(await seqs(5, 2), [])
    t.same(await store.events(generationId(1), 0, 10), [])
  })
}
