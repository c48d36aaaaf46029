import type { Test } from 'tap'
import type { Comparison } from '../../src/gateway/domain/characters/comparison.ts'
import type { ComparisonStore } from '../../src/gateway/ports/characters/comparison-store.ts'
import { aCell, aComparison } from '../fixtures/comparison.ts'
import { generationId, START } from '../fixtures/generation.ts'

const most = { byLink: 100, byKey: 100 }

type Make = (t: Test) => Promise<ComparisonStore>

/** What every ComparisonStore guarantees. `make` opens an empty store and closes it when the test ends. */
export function comparisonStoreContract(t: Test, make: Make): void {
  t.test('a comparison is read back exactly as it was written, and a version is written once', async (t) => {
    const store = await make(t)
    const comparison = aComparison()
    await store.insert(comparison)
    t.strictSame(await store.get(comparison.id), { comparison, version: 1 })
    t.equal(await store.get('cmp_nobody'), null)
    const played = aCell(1, {
      state: 'delivered',
      costMicros: 120_000,
      reservedMicros: 0,
      renderMs: 84_000,
      fidelity: 'native',
      mediaId: 'media_1',
      likeness: { hashSimilarity: 0.75, colourDistance: 9.25 },
      measured: true,
    })
    const failed = aCell(2, { state: 'failed', failure: { code: 'content_refused', message: 'no' } })
    const next = { ...comparison, cells: [played, failed], completedAt: START + 9, dueAt: null }
    t.equal(await store.save(next, 1), 'saved')
    t.equal(await store.save(comparison, 1), 'conflict')
    t.strictSame(await store.get(comparison.id), { comparison: next, version: 2 })
  })

  t.test('a tenant lists its own, newest first, a page at a time', async (t) => {
    const store = await make(t)
    const made = [aComparison({ name: 'apron' }), aComparison(), aComparison()].toSorted((a, b) =>
      a.id < b.id ? 1 : -1,
    )
    for (const each of [...made, aComparison({ tenant: 'neighbour' })]) await store.insert(each)
    const query = { tenant: 'studio', before: null, limit: 10 }
    t.strictSame(await store.list(query), made)
    t.strictSame(await store.list({ ...query, limit: 1 }), made.slice(0, 1))
    t.strictSame(await store.list({ ...query, before: made[0]?.id ?? null }), made.slice(1))
    t.same(await store.list({ ...query, tenant: 'nobody' }), [])
  })

  t.test('what is due is taken by one, and again by anybody once that one is late', async (t) => {
    const store = await make(t)
    const [first, second, later] = [START, START - 5, START + 60_000].map((dueAt) => aComparison({ dueAt }))
    if (first === undefined || second === undefined || later === undefined) throw new Error('three were made')
    for (const each of [first, second, later, aComparison({ dueAt: null })]) await store.insert(each)
    const claim = async (now: number, limit = 10) => {
      const claimed = await store.claimDue({ now, until: now + 30_000, limit, perTenant: 10, underWay: [] })
      return claimed.map(({ comparison }) => comparison.id)
    }
    const racing = await Promise.all([claim(START, 1), claim(START, 1), claim(START, 1)])
    t.same(racing.flat().toSorted(), [first.id, second.id].toSorted())
    t.same(await claim(START + 29_994), [])
    t.same((await claim(START + 30_000)).toSorted(), [first.id, second.id].toSorted())
    t.same((await claim(START + 60_000)).toSorted(), [first.id, second.id, later.id].toSorted())
  })

  t.test(
    'of a tenant no more are taken than its share, and what is in hand is not taken again',
    async (t) => {
      const store = await make(t)
      const crowd = Array.from({ length: 5 }, (_, index) => aComparison({ dueAt: START - 9 + index }))
      const neighbour = aComparison({ dueAt: START, tenant: 'neighbour' })
      for (const each of [...crowd, neighbour]) await store.insert(each)
      const claim = async (now: number, underWay: Comparison[]) => {
        const claimed = await store.claimDue({ now, until: now + 10, limit: 10, perTenant: 2, underWay })
        return claimed.map(({ comparison }) => comparison)
      }
      const first = await claim(START, [])
      t.same(
        new Set(first.map(({ id }) => id)),
        new Set([...crowd.slice(0, 2), neighbour].map(({ id }) => id)),
      )
      t.same(await claim(START, first.slice(0, 3)), [], 'its share is under way')
      const hanging = first.filter(({ tenant }) => tenant !== 'neighbour')
      const later = await claim(START + 10, hanging)
      t.same(
        later.map(({ id }) => id),
        [neighbour.id],
        'although the leases of what hangs are over',
      )
    },
  )

  t.test(
    'what was in hand at three uncaught errors is set aside; a step that is stored clears that',
    async (t) => {
      const store = await make(t)
      const [poison, healthy] = [aComparison({ dueAt: START }), aComparison({ dueAt: START })]
      for (const each of [poison, healthy]) await store.insert(each)
      const claim = (now: number) =>
        store.claimDue({ now, until: now + 30_000, limit: 10, perTenant: 10, underWay: [] })
      for (const end of [1, 2]) {
        for (const { comparison, version } of await claim(START))
          if (comparison.id === healthy.id) await store.save({ ...comparison, dueAt: START }, version)
        await store.noteCrash([poison.id, healthy.id])
        t.same(await store.releaseAll(START), [], `end ${end}`)
      }
      await claim(START)
      await store.noteCrash([poison.id, healthy.id])
      const [aside, ...others] = await store.releaseAll(START)
      t.match(aside, { id: poison.id })
      t.same(others, [])
      t.same(
        (await claim(START)).map(({ comparison }) => comparison.id),
        [healthy.id],
      )
      const until = aside?.until ?? 0
      t.ok(until > START)
      t.ok(
        (await claim(until)).some(({ comparison }) => comparison.id === poison.id),
        'and tried again later',
      )
    },
  )

  t.test('of each rater’s opinions of a video the last one counts', async (t) => {
    const store = await make(t)
    const comparison = aComparison()
    await store.insert(comparison)
    const one = {
      generationId: generationId(1),
      rater: 'mia',
      face: 80,
      clothing: 70,
      style: 60.5,
      at: START,
    }
    const other = { ...one, rater: 'noah', face: 10 }
    await store.putScores(comparison.id, [one, other, { ...one, generationId: generationId(2) }], most)
    await store.putScores(comparison.id, [{ ...one, face: 5, at: START + 1 }], most)
    t.strictSame(await store.scores(comparison.id), [
      { generationId: generationId(1), count: 2, face: 7.5, clothing: 70, style: 60.5 },
      { generationId: generationId(2), count: 1, face: 80, clothing: 70, style: 60.5 },
    ])
    t.same(await store.scores(aComparison().id), [])
    const { generationId: firstId, ...said } = { ...one, face: 5, at: START + 1 }
    t.strictSame(
      await store.scoresBy(comparison.id, 'mia'),
      [firstId, generationId(2)].map((each, index) => ({
        generationId: each,
        ...said,
        ...(index === 1 && { face: 80, at: START }),
      })),
    )
    t.same(await store.scoresBy(comparison.id, 'nobody'), [])
    await t.rejects(store.putScores('cmp_nobody', [one], most))
  })

  t.test('people who score by links are bounded, and never take the place of another', async (t) => {
    const store = await make(t)
    const comparison = aComparison()
    await store.insert(comparison)
    const by = (rater: string, face: number) =>
      store.putScores(
        comparison.id,
        [{ generationId: generationId(1), rater, face, clothing: 50, style: 50, at: START }],
        { byLink: 2, byKey: 2 },
      )
    await by('mia', 90)
    t.same(
      [await by('link:mia', 0), await by('link:b', 0), await by('link:c', 0), await by('link:mia', 30)],
      ['stored', 'stored', 'too_many', 'stored'],
    )
    t.equal(await by('noah', 0), 'stored', 'whoever has a key is not bounded by them')
    t.same(
      [await by('mallory', 0), await by('noah', 0), await by('link:b', 0)],
      ['too_many', 'stored', 'stored'],
      'those whom keys name are bounded too',
    )
    t.match(await store.scores(comparison.id), [{ count: 4, face: 30 }])
    await store.remove(comparison.id)
    t.same([await store.get(comparison.id), await store.scores(comparison.id)], [null, []])
  })
}
