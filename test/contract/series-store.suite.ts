import type { Test } from 'tap'
import type { SeriesEntry } from '../../src/gateway/domain/series/series-events.ts'
import type { Series } from '../../src/gateway/domain/series/series.ts'
import type { SeriesStore } from '../../src/gateway/ports/series/series-store.ts'
import { START } from '../fixtures/generation.ts'
import { aScene, aSceneRequest, aSeries } from '../fixtures/series.ts'

type Make = (t: Test) => Promise<SeriesStore>

const created: SeriesEntry = { type: 'series.created', at: START, data: { scenes: 2 } }
const started: SeriesEntry = { type: 'scene.started', at: START + 1, data: { scene: '1' } }
const requests = [aSceneRequest('she walks'), aSceneRequest('she runs', { durationSeconds: 5 })]

/** What every SeriesStore guarantees. `make` opens an empty store and closes it when the test ends. */
export function seriesStoreContract(t: Test, make: Make): void {
  documentsContract(t, make)
  claimsContract(t, make)
}

function documentsContract(t: Test, make: Make): void {
  t.test('a series is read back exactly as it was written, and a version is written once', async (t) => {
    const store = await make(t)
    const series = aSeries()
    await store.insert(series, requests, { entries: [created] })
    t.strictSame(await store.get(series.id), { series, version: 1 })
    t.strictSame(await store.requests(series.id), requests)
    const scenes = [aScene(1, { status: 'failed', error: { code: 'deleted', message: 'no' } }), aScene(2)]
    const next: Series = { ...series, scenes, dueAt: null, cancelledAt: START + 9 }
    t.equal(await store.save(next, 1, { entries: [started] }), 'saved')
    t.equal(await store.save(series, 1, { entries: [started] }), 'conflict')
    t.strictSame(await store.get(series.id), { series: next, version: 2 })
    t.strictSame(await store.requests(series.id), requests, 'what is asked for stays')
    const changed = [aSceneRequest('she waits'), aSceneRequest('she runs')]
    t.equal(await store.save(next, 2, { entries: [], requests: changed }), 'saved')
    t.strictSame(await store.requests(series.id), changed)
  })

  t.test(
    'the log counts from 1 without gaps, and holds only what was written with its version',
    async (t) => {
      const store = await make(t)
      const series = aSeries()
      await store.insert(series, requests, { entries: [created, started] })
      await store.insert(aSeries(), requests, { entries: [created] })
      await store.save(series, 1, { entries: [started] })
      await store.save(series, 1, { entries: [started] })
      t.strictSame(await store.events(series.id, 0, 10), [
        { seq: 1, ...created },
        { seq: 2, ...started },
        { seq: 3, ...started },
      ])
      t.strictSame(await store.events(series.id, 1, 1), [{ seq: 2, ...started }])
    },
  )

  t.test('a removed series leaves nothing, and only the version that was read is removed', async (t) => {
    const store = await make(t)
    const series = aSeries()
    await store.insert(series, requests, { entries: [created] })
    await store.save(series, 1)
    t.equal(await store.remove(series.id, 1), 'conflict')
    t.ok(await store.get(series.id))
    t.equal(await store.remove(series.id, 2), 'removed')
    t.equal(await store.get(series.id), null)
    t.same(await store.requests(series.id), [])
    t.same(await store.events(series.id, 0, 10), [])
  })

  t.test('a tenant lists its own, newest first, by what became of them', async (t) => {
    const store = await make(t)
    const ended = [aScene(1, { status: 'completed' }), aScene(2, { status: 'completed' })]
    const made = [aSeries(), aSeries({ scenes: ended }), aSeries()].toSorted((a, b) => (a.id < b.id ? 1 : -1))
    for (const each of [...made, aSeries({ tenant: 'neighbour' })])
      await store.insert(each, requests, { entries: [] })
    const query = { tenant: 'studio', status: null, before: null, limit: 10 }
    t.strictSame(await store.list(query), made)
    t.strictSame(await store.list({ ...query, limit: 1 }), made.slice(0, 1))
    t.strictSame(await store.list({ ...query, before: made[0]?.id ?? null }), made.slice(1))
    const completed = made.filter(({ scenes }) => scenes === ended)
    t.strictSame(await store.list({ ...query, status: 'completed' }), completed)
  })
}

function claimsContract(t: Test, make: Make): void {
  t.test(
    'what is due is taken by one, and again once that one is late; what is put back waits',
    async (t) => {
      const store = await make(t)
      const [due, later] = [aSeries(), aSeries({ dueAt: START + 60_000 })]
      for (const each of [due, later, aSeries({ dueAt: null })])
        await store.insert(each, requests, { entries: [] })
      const claim = async (now: number) => {
        const claim = { now, until: now + 30_000, limit: 10, perTenant: 10, underWay: [] }
        return (await store.claimDue(claim)).map(({ series }) => series.id)
      }
      const racing = await Promise.all([claim(START), claim(START), claim(START)])
      t.same(racing.flat(), [due.id])
      t.same(await claim(START + 29_999), [])
      t.same(await claim(START + 30_000), [due.id])
      await store.putBack(due.id, 2, START + 31_000)
      t.same(await claim(START + 31_000), [], 'another version is not put back')
      await store.putBack(due.id, 1, START + 31_000)
      t.same(await claim(START + 31_000), [due.id])
      t.match(await store.get(due.id), { version: 1 })
    },
  )

  t.test(
    'of a tenant no more are taken than its share, and what is in hand is not taken again',
    async (t) => {
      const store = await make(t)
      const crowd = Array.from({ length: 4 }, (_, index) => aSeries({ dueAt: START - 9 + index }))
      const neighbour = aSeries({ dueAt: START, tenant: 'neighbour' })
      for (const each of [...crowd, neighbour]) await store.insert(each, requests, { entries: [] })
      const claim = async (now: number, underWay: Series[]) => {
        const claimed = await store.claimDue({ now, until: now + 10, limit: 10, perTenant: 2, underWay })
        return claimed.map(({ series }) => series)
      }
      const first = await claim(START, [])
      t.same(
        new Set(first.map(({ id }) => id)),
        new Set([...crowd.slice(0, 2), neighbour].map(({ id }) => id)),
      )
      t.same(await claim(START, first), [], 'its share is under way')
    },
  )

  t.test('what was in hand at three uncaught errors is set aside; a save clears that', async (t) => {
    const store = await make(t)
    const [poison, healthy] = [aSeries(), aSeries()]
    for (const each of [poison, healthy]) await store.insert(each, requests, { entries: [] })
    const claim = (now: number) =>
      store.claimDue({ now, until: now + 30_000, limit: 10, perTenant: 10, underWay: [] })
    for (const end of [1, 2, 3]) {
      for (const { series, version } of await claim(START))
        if (series.id === healthy.id) await store.save(series, version)
      await store.noteCrash([poison.id, healthy.id])
      const aside = await store.releaseAll(START)
      t.equal(aside.length, end === 3 ? 1 : 0, `end ${end}`)
      if (end === 3) t.equal(aside[0]?.id, poison.id)
    }
    const taken = await claim(START)
    t.same(
      taken.map(({ series }) => series.id),
      [healthy.id],
    )
  })
}
