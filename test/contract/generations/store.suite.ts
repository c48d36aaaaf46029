import type { Test } from 'tap'
import type { Generation } from '../../../src/gateway/domain/generation/generation.ts'
import type { GenerationStatus } from '../../../src/gateway/domain/generation/history.ts'
import {
  characterId,
  aGeneration,
  aLogEntry,
  anAttempt,
  generationId,
  mediaId,
  START,
} from '../../fixtures/generation.ts'
import { unlimited, insert, listed } from './setup.ts'
import type { Make } from './setup.ts'

function using(number: number, tenant: string, ...ids: number[]): Generation {
  const { request } = aGeneration()
  const characters = ids.map((id) => ({ id: characterId(id), name: `name_${id}`, description: '' }))
  return aGeneration({ id: generationId(number), tenant, request: { ...request, characters } })
}

export function documentsContract(t: Test, make: Make): void {
  t.test('a generation is read back exactly as it was inserted and saved', async (t) => {
    const store = await make(t)
    const inserted = aGeneration()
    t.same(await insert(store, inserted), { type: 'inserted' })
    t.strictSame(await store.get(inserted.id), { generation: inserted, version: 1 })

    const completed = aGeneration({
      id: inserted.id,
      status: 'completed',
      attempts: [
        anAttempt({
          state: 'failed',
          operation: ['a', { nested: [1, null, true] }],
          failure: { code: 'overloaded', message: 'Слишком много', fallback: true, retryAfterMs: 1500 },
        }),
        anAttempt({ state: 'succeeded', result: { url: 'https://example.com/a.mp4' } }),
      ],
      warnings: [{ code: 'duration_adjusted', detail: '12 seconds instead of 10' }],
      video: {
        mediaId: mediaId(1),
        contentType: 'video/mp4',
        bytes: 9_007_199_254_740_991,
        sha256: 'ab',
        durationSeconds: 12.04,
        width: 1280,
        height: 720,
        expiredAt: START + 99_000,
      },
      error: { code: 'upstream_failed', message: 'a "quoted" 🎬 message\u0000' },
      completedAt: START + 90_000,
      nextAttemptAt: null,
      dueAt: null,
    })
    t.equal(await store.save(completed, { version: 1, entries: [], lease: null }), 'saved')
    t.strictSame(await store.get(inserted.id), { generation: completed, version: 2 })
  })

  t.test('what is current is the same object until it changes, and then what was saved', async (t) => {
    const [store, other] = [await make(t), aGeneration()]
    const inserted = aGeneration()
    await insert(store, inserted)
    await insert(store, other)
    const first = await store.current(inserted.id)
    t.strictSame(first, { generation: inserted, version: 1 })
    t.equal(await store.current(inserted.id), first)
    t.strictSame(await store.current(other.id), { generation: other, version: 1 })

    const running = aGeneration({ ...inserted, status: 'in_progress', attempts: [anAttempt()] })
    t.equal(await store.save(running, { version: 1, entries: [], lease: null }), 'saved')
    t.strictSame(await store.current(inserted.id), { generation: running, version: 2 })
    t.strictSame(first, { generation: inserted, version: 1 }, 'whoever has the earlier one keeps it')

    await store.remove(inserted.id)
    t.equal(await store.current(inserted.id), null)
    t.equal(await store.current(generationId(1)), null)
  })

  t.test('an unknown id is answered with null', async (t) => {
    const store = await make(t)
    t.equal(await store.get(generationId(1)), null)
  })

  t.test('a list is newest first, in pages, and of one tenant only', async (t) => {
    const store = await make(t)
    for (const number of [3, 1, 5, 2, 4]) await insert(store, aGeneration({ id: generationId(number) }))
    await insert(store, aGeneration({ id: generationId(6), tenant: 'other' }))

    const query = { tenant: 'studio', status: null, character: null, limit: 2 }
    const first = await listed(store, { ...query, before: null })
    t.same(
      first.map(({ id }) => id),
      [generationId(5), generationId(4)],
    )
    const second = await listed(store, { ...query, before: generationId(4) })
    t.same(
      second.map(({ id }) => id),
      [generationId(3), generationId(2)],
    )
    const last = await listed(store, { ...query, before: generationId(2) })
    t.same(
      last.map(({ id }) => id),
      [generationId(1)],
    )
  })

  t.test('a list by character has what uses it, in its tenant, as long as it is kept', async (t) => {
    const store = await make(t)
    await insert(store, using(1, 'studio', 1))
    await insert(store, using(2, 'studio', 1, 2))
    await insert(store, using(3, 'studio'))
    await insert(store, using(4, 'other', 1))
    const found = async (character: number, before: number | null = null) => {
      const page = { before: before === null ? null : generationId(before), limit: 10 }
      const query = { tenant: 'studio', status: null, character: characterId(character), ...page }
      return (await listed(store, query)).map(({ id }) => id)
    }
    t.same(await found(1), [generationId(2), generationId(1)])
    t.same(await found(1, 2), [generationId(1)])
    t.same(await found(2), [generationId(2)])
    t.same(await found(3), [])
    await store.remove(generationId(2))
    t.same(await found(1), [generationId(1)])
  })

  t.test('a list can begin with the oldest, in pages too', async (t) => {
    const store = await make(t)
    for (const number of [3, 1, 2]) await insert(store, aGeneration({ id: generationId(number) }))
    const query = { tenant: 'studio', status: null, character: null, limit: 2, oldestFirst: true }
    const ids = async (before: Generation['id'] | null) =>
      (await listed(store, { ...query, before })).map(({ id }) => id)
    t.same(await ids(null), [generationId(1), generationId(2)])
    t.same(await ids(generationId(2)), [generationId(3)])
  })

  t.test('a list by status follows the status', async (t) => {
    const store = await make(t)
    const generation = aGeneration()
    await insert(store, generation)
    const idsBy = async (status: GenerationStatus) => {
      const found = await listed(store, {
        tenant: 'studio',
        status,
        character: null,
        before: null,
        limit: 10,
      })
      return found.map(({ id }) => id)
    }
    t.same(await idsBy('queued'), [generation.id])
    await store.save({ ...generation, status: 'cancelled' }, { version: 1, entries: [], lease: null })
    t.same(await idsBy('queued'), [])
    t.same(await idsBy('cancelled'), [generation.id])
  })
}

export function removalContract(t: Test, make: Make): void {
  t.test('a removed generation is gone with its log and its answer; its key stays used', async (t) => {
    const store = await make(t)
    const generation = aGeneration()
    const record = { key: 'k1', requestHash: 'hash', response: '{}' }
    await store.insert(generation, { entries: [aLogEntry()], idempotency: record, limits: unlimited })
    await store.remove(generation.id)
    t.equal(await store.get(generation.id), null)
    t.same(await store.events(generation.id, 0, 10), [])
    const emptied = { key: 'k1', requestHash: 'hash', response: null }
    t.same(await store.findIdempotency('studio', 'k1', 0), emptied)
    t.same(
      await listed(store, { tenant: 'studio', status: null, character: null, before: null, limit: 10 }),
      [],
    )
    t.equal(await store.nextDueAt(), null)
    await store.remove(generation.id)
    const again = aGeneration()
    t.match(await store.insert(again, { entries: [], idempotency: record, limits: unlimited }), {
      type: 'key_used',
      requestHash: 'hash',
      response: null,
    })
    t.equal(await store.get(again.id), null)
    await store.pruneIdempotency(generation.createdAt + 1)
    t.equal(await store.findIdempotency('studio', 'k1', 0), null, 'as long as any key')
  })

  t.test('a removed generation holds no slot, and its jobs stay ours', async (t) => {
    const store = await make(t)
    const generation = aGeneration({ attempts: [anAttempt({ upstreamId: 'job-1' })] })
    await insert(store, generation)
    await store.remove(generation.id)
    t.same(await store.liveAttempts(), [])
    t.equal(await store.ownsJob('reseller-a', 'job-1'), true)
    t.match(await store.ownersOf('reseller-a', ['job-1']), [{ generationId: null }])
  })

  t.test('removing one generation leaves the others alone', async (t) => {
    const store = await make(t)
    const [kept, removed] = [aGeneration(), aGeneration()]
    const record = { key: 'kept', requestHash: 'hash', response: '{}' }
    await store.insert(kept, { entries: [aLogEntry()], idempotency: record, limits: unlimited })
    await insert(store, removed)
    await store.remove(removed.id)
    t.strictSame(await store.get(kept.id), { generation: kept, version: 1 })
    t.equal((await store.events(kept.id, 0, 10)).length, 1)
    t.same(await store.findIdempotency('studio', 'kept', 0), record)
  })
}

export function videosContract(t: Test, make: Make): void {
  t.test('videos are found from the oldest on, until they are expired', async (t) => {
    const store = await make(t)
    const video = {
      mediaId: mediaId(1),
      contentType: 'video/mp4',
      bytes: 1,
      sha256: 'ab',
      durationSeconds: 1,
      width: 2,
      height: 2,
      expiredAt: null,
    }
    const [old, older, none] = [
      aGeneration({ status: 'completed', completedAt: START + 20, video }),
      aGeneration({ status: 'completed', completedAt: START + 10, video }),
      aGeneration({ status: 'failed', completedAt: START }),
    ]
    for (const generation of [old, older, none]) await insert(store, generation)
    const found = await store.videosBefore(START + 30, 10)
    t.same(
      found.map(({ generation }) => generation.id),
      [older.id, old.id],
    )
    t.same(await store.videosBefore(START + 10, 10), [])
    await store.save(
      { ...older, video: { ...video, expiredAt: START + 40 } },
      { version: 1, entries: [], lease: null },
    )
    t.equal((await store.videosBefore(START + 30, 10)).length, 1)
  })
}
