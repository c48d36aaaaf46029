import * as fc from 'fast-check'
import t from 'tap'
import { createPace } from '../../src/gateway/domain/changes/pace.ts'
import {
  createRecentChanges,
  nodeNumbering,
  ownNumbering,
} from '../../src/gateway/domain/changes/recent-changes.ts'

const intervalMs = 1000

/** What happens in a stream of changes: one more of a key, or a timer that fires; each after some time. */
const steps = fc.array(
  fc.record({
    after: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 2500 })),
    key: fc.option(fc.constantFrom('a', 'b', 'c', 'd'), { nil: null }),
  }),
  { maxLength: 200 },
)

interface Telling {
  key: string
  item: number
  at: number
}

function play(given: ReadonlyArray<{ after: number; key: string | null }>) {
  const pace = createPace<{ key: string; item: number }>(intervalMs)
  const told: Telling[] = []
  const offered: Telling[] = []
  let now = 0
  const tellDue = () => {
    for (const each of pace.due(now)) told.push({ ...each, at: now })
  }
  for (const [item, { after, key }] of given.entries()) {
    now += after
    if (key === null) tellDue()
    else {
      offered.push({ key, item, at: now })
      if (pace.offer(key, { key, item }, now)) told.push({ key, item, at: now })
    }
  }
  for (let at = pace.nextAt(); at !== null; at = pace.nextAt()) {
    if (at > now) now = at
    tellDue()
  }
  return { told, offered, now }
}

t.test('no key is told of more than once per interval, and the last one always gets through', async () => {
  fc.assert(
    fc.property(steps, (given) => {
      const { told, offered } = play(given)
      for (const key of new Set(offered.map((each) => each.key))) {
        const times = told.filter((each) => each.key === key)
        for (const [index, { at, item }] of times.entries()) {
          const before = times[index - 1]
          if (before === undefined) continue
          if (at - before.at < intervalMs) throw new Error(`told after ${at - before.at} ms`)
          if (item <= before.item) throw new Error('told of something old')
        }
        if (times.at(-1)?.item !== offered.findLast((each) => each.key === key)?.item)
          throw new Error('the last one was lost')
      }
    }),
    { numRuns: 500 },
  )
})

t.test('what is told is the newest at that time, and the first one does not wait', async () => {
  fc.assert(
    fc.property(steps, (given) => {
      const { told, offered } = play(given)
      for (const { key, item, at } of told) {
        const newest = offered.findLast((each) => each.key === key && each.at <= at)
        if (newest?.item !== item && newest?.at !== at) throw new Error('an older one was told')
      }
      const first = new Map(offered.toReversed().map((each) => [each.key, each]))
      for (const { key, item, at } of first.values())
        if (!told.some((each) => each.key === key && each.item === item && each.at === at))
          throw new Error('the first one waited')
    }),
    { numRuns: 500 },
  )
})

t.test('nothing is remembered longer than one interval', async (t) => {
  const pace = createPace<string>(intervalMs)
  for (let at = 0; at < 5000; at += 10) {
    pace.offer(`key ${at}`, 'changed', at)
    pace.due(at)
    t.ok((pace.nextAt() ?? 0) > at, 'the oldest is not over')
  }
  pace.due(6000)
  t.equal(pace.nextAt(), null)
})

const actions = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e') }) },
    { weight: 1, arbitrary: fc.record({ read: fc.integer({ min: 1, max: 4 }) }) },
    { weight: 1, arbitrary: fc.record({ passMs: fc.integer({ min: -50, max: 50 }) }) },
    { weight: 1, arbitrary: fc.record({ skippedKey: fc.constantFrom('a', 'b', 'c', 'd', 'e') }) },
  ),
  { maxLength: 300 },
)

const numberings = fc.constantFrom(ownNumbering, nodeNumbering(0), nodeNumbering(700))

t.test(
  'a reader of any pace ends with the newest of every key, or knows that it must read again',
  async () => {
    fc.assert(
      fc.property(actions, fc.integer({ min: 1, max: 30 }), numberings, (given, kept, numbering) => {
        let now = 1_000_000
        const recent = createRecentChanges<number>(now, kept, numbering)
        const newest = new Map<string, number>()
        let seen = new Map<string, number>()
        let seq = recent.head()
        const read = (limit: number): void => {
          const found = recent.after(seq, limit)
          if (found.upTo < seq) throw new Error('went backwards')
          if (found.type === 'changes') {
            for (const each of found.changes) {
              if (each.seq <= seq || each.seq > found.upTo) throw new Error('out of order')
              const key = String.fromCharCode(97 + (each.item % 5))
              seen.set(key, each.item)
            }
          } else seen = new Map(newest)
          seq = found.upTo
        }
        for (const [index, action] of given.entries()) {
          if ('passMs' in action) now += action.passMs
          else if ('read' in action) read(action.read)
          else if ('skippedKey' in action) {
            newest.set(action.skippedKey, index * 5 + action.skippedKey.charCodeAt(0) - 97)
            recent.skip(now)
          } else {
            const item = index * 5 + action.key.charCodeAt(0) - 97
            recent.add(action.key, item, now)
            newest.set(action.key, item)
          }
        }
        while (seq < recent.head()) read(3)
        for (const [key, item] of newest) if (seen.get(key) !== item) throw new Error(`${key} was lost`)
      }),
      { numRuns: 500 },
    )
  },
)

t.test('numbers of an earlier process, and of one with a clock ahead, are told apart', async (t) => {
  const earlier = createRecentChanges<string>(1_795_635_000_000, 10)
  for (let index = 0; index < 40; index++) earlier.add('a', 'changed', 1_795_635_000_000)
  const later = createRecentChanges<string>(1_795_635_000_001, 10)
  t.equal(later.after(earlier.head(), 5).type, 'restarted')
  t.equal(earlier.after(later.head() + 1, 5).type, 'restarted')
  t.equal(later.after(later.head(), 5).type, 'changes')
  t.match(String(later.head()), /^\d{15}$/, 'the header takes it')
})

t.test('numbers of nodes that run at the same time are never taken for each other', async (t) => {
  const at = 1_795_635_000_000
  const nodes = [1, 2, 3, 513].map((node) => ({
    node,
    recent: createRecentChanges<string>(at, 10, nodeNumbering(node)),
  }))
  for (const { recent } of nodes)
    for (let index = 0; index < 5; index++) recent.add('a', 'changed', at + index)
  for (const one of nodes)
    for (const other of nodes) {
      const isSame = (one.node - other.node) % 512 === 0
      t.equal(one.recent.after(other.recent.head(), 5).type, isSame ? 'changes' : 'restarted')
    }
  const inTheYear2100 = createRecentChanges<string>(Date.UTC(2100, 0), 10, nodeNumbering(511)).head()
  t.ok(Number.isSafeInteger(inTheYear2100))
  t.match(String(inTheYear2100), /^\d{16}$/, 'the header takes it')
  t.ok(
    createRecentChanges<string>(at, 10, nodeNumbering(0)).head() > createRecentChanges<string>(at, 10).head(),
  )
})
