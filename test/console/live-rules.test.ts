import * as fc from 'fast-check'
import t from 'tap'
import { keepPlaces, withNewestPage, withOlderPage } from '../../src/console/src/rules/list-rows.ts'
import {
  createSteps,
  isBehind,
  mergeChange,
  mergeChanges,
} from '../../src/console/src/rules/merge-changes.ts'
import type { GenerationChange } from '../../src/console/src/rules/merge-changes.ts'

const statuses = ['queued', 'in_progress', 'completed', 'failed', 'cancelled'] as const
const states = [
  'binding',
  'submitting',
  'unknown',
  'running',
  'archiving',
  'abandoned',
  'succeeded',
  'failed',
]
const upstreams = ['a', 'b']
const ids = fc.integer({ min: 0, max: 9 }).map((n) => `gen_${n}`)

const row = fc.record({
  id: ids,
  status: fc.constantFrom(...statuses),
  progress: fc.integer({ min: 0, max: 100 }),
  cost_usd: fc.constantFrom(0, 0.12),
  reserved_cost_usd: fc.constantFrom(0, 0.12),
  prompt: fc.string(),
  attempts: fc.array(
    fc.record({ upstream: fc.constantFrom(...upstreams), state: fc.constantFrom(...states) }),
    { maxLength: 3 },
  ),
})

const change: fc.Arbitrary<GenerationChange> = fc.record({
  id: ids,
  status: fc.constantFrom(...statuses),
  progress: fc.integer({ min: 0, max: 100 }),
  state: fc.constantFrom(...states),
  upstream: fc.constantFrom(...upstreams),
  attempts: fc.integer({ min: 0, max: 3 }),
  error: fc.constant(null),
  cost_usd: fc.constantFrom(0, 0.12),
  reserved_cost_usd: fc.constantFrom(0, 0.12),
  seq: fc.nat(),
})

t.test('a change becomes the row, twice is as once, and another row is left alone', async (t) => {
  fc.assert(
    fc.property(row, change, (given, told) => {
      const merged = mergeChange(given, told)
      if (given.id !== told.id) return merged === given
      const again = mergeChange(merged, told)
      t.equal(again, merged, 'nothing is drawn for what is known')
      t.equal(merged.prompt, given.prompt)
      t.equal(merged.attempts.length, given.attempts.length)
      return (
        merged.status === told.status &&
        merged.progress === told.progress &&
        merged.cost_usd === told.cost_usd &&
        merged.reserved_cost_usd === told.reserved_cost_usd
      )
    }),
    { numRuns: 500, seed: 19 },
  )
})

t.test('where a change tells less than has changed, the generation is read again', async (t) => {
  const known = {
    id: 'gen_1',
    status: 'in_progress' as const,
    progress: 10,
    cost_usd: 0,
    reserved_cost_usd: 0.12,
    attempts: [{ upstream: 'a', state: 'running' }],
  }
  const told = { ...known, error: null, seq: 1, state: 'running', upstream: 'a', attempts: 1 }
  t.notOk(isBehind(known, { ...told, progress: 40 }), 'progress is all')
  t.notOk(isBehind(known, { ...told, state: 'archiving' }), 'the only attempt')
  t.equal(mergeChange(known, { ...told, state: 'archiving' }).attempts[0]?.state, 'archiving')
  t.ok(isBehind(known, { ...told, status: 'completed', state: 'succeeded' }), 'the video is new')
  t.ok(isBehind(known, { ...told, attempts: 2, upstream: 'b' }), 'the route is new')
  t.same(mergeChange(known, { ...told, attempts: 2, upstream: 'b' }).attempts, known.attempts)
})

t.test('changes keep the order of a list, and the list itself if nothing differs', async (t) => {
  fc.assert(
    fc.property(fc.uniqueArray(row, { selector: ({ id }) => id }), fc.array(change), (rows, told) => {
      const changes = new Map(told.map((each) => [each.id, each]))
      const merged = mergeChanges(rows, changes)
      t.same(
        merged.map(({ id }) => id),
        rows.map(({ id }) => id),
      )
      t.equal(mergeChanges(merged, changes), merged)
      for (const [index, each] of merged.entries())
        if (!changes.has(each.id) && each !== rows[index]) throw new Error('a row was made anew')
    }),
    { numRuns: 300, seed: 19 },
  )
})

t.test('a step is told from progress, and only so many are remembered', async (t) => {
  const isStep = createSteps(2)
  const [first] = fc.sample(change, { numRuns: 1, seed: 1 })
  if (first === undefined) throw new Error('no sample')
  t.ok(isStep(first))
  t.notOk(isStep({ ...first, progress: 99, cost_usd: 3 }))
  t.ok(isStep({ ...first, state: 'other' }))
  t.ok(isStep({ ...first, id: 'gen_x' }))
  t.ok(isStep({ ...first, id: 'gen_y' }))
  t.ok(isStep({ ...first, state: 'other' }), 'forgotten')
})

const sorted = fc
  .uniqueArray(fc.integer({ min: 0, max: 60 }), { maxLength: 30 })
  .map((numbers) => numbers.toSorted((one, other) => other - one).map(named))

function named(number: number) {
  return { id: `gen_${String(number).padStart(3, '0')}` }
}

t.test('after the newest page was read again, the list has no gap and nothing twice', async (t) => {
  fc.assert(
    fc.property(sorted, sorted, fc.integer({ min: 1, max: 10 }), (before, present, size) => {
      const page = { data: present.slice(0, size), has_more: present.length > size }
      const list = withNewestPage(before, page).map(({ id }) => id)
      t.equal(new Set(list).size, list.length)
      t.same(list, list.toSorted().toReversed())
      t.same(
        list.slice(0, page.data.length),
        page.data.map(({ id }) => id),
      )
      const last = page.data.at(-1)?.id ?? ''
      const overlaps = before.some(({ id }) => id >= last)
      if (!page.has_more || !overlaps) t.equal(list.length, page.data.length)
      else
        t.same(
          list.slice(page.data.length),
          before.map(({ id }) => id).filter((id) => id < last),
        )
    }),
    { numRuns: 400, seed: 19 },
  )
})

t.test('older pages are added once, in order', async (t) => {
  fc.assert(
    fc.property(sorted, sorted, (rows, page) => {
      const list = withOlderPage(rows, page).map(({ id }) => id)
      t.same(list, [...new Set([...rows, ...page].map(({ id }) => id))].toSorted().toReversed())
    }),
    { numRuns: 200, seed: 19 },
  )
})

t.test('while somebody points into the list, no row moves', async (t) => {
  fc.assert(
    fc.property(sorted, sorted, (shown, rows) => {
      const kept = keepPlaces(shown, rows)
      t.same(
        kept.rows.slice(0, shown.length).map(({ id }) => id),
        shown.map(({ id }) => id),
      )
      if (shown.length === 0) t.same(kept.rows, rows)
      const newest = shown[0]?.id
      t.equal(kept.fresh, newest === undefined ? 0 : rows.filter(({ id }) => id > newest).length)
    }),
    { numRuns: 300, seed: 19 },
  )
})
