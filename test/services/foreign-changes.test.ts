import t from 'tap'
import type { Test } from 'tap'
import type { Change } from '../../src/gateway/domain/changes/change.ts'
import type { Generation } from '../../src/gateway/domain/generation/generation.ts'
import type { NoticeListener } from '../../src/gateway/ports/notices.ts'
import { createChangeFeed } from '../../src/gateway/services/changes/change-feed.ts'
import { followForeignChanges } from '../../src/gateway/services/changes/foreign-changes.ts'
import { aGeneration, aLogEntry, START } from '../fixtures/generation.ts'

// The timers of the feed keep no process alive.
const alive = setInterval(() => undefined, 1000)
t.teardown(() => clearInterval(alive))

const idOf = (number: number): Generation['id'] => `gen_${String(number).padStart(26, '0')}`

const nothing = (): void => undefined

/** A feed with one reader, and the database of other nodes, whose reads a test may hold up. */
function following(t: Test, { isRead = true } = {}) {
  let monotonic = 0
  const clock = { now: () => START }
  const feed = createChangeFeed({ clock }, () => monotonic)
  const told: NoticeListener[] = []
  const reads: string[][] = []
  const stored = new Map<string, Generation>()
  let answer = nothing
  let isReading = false
  const readBegun = createBell()
  const foreign = followForeignChanges({
    feed,
    clock,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    notices: {
      listen(listener) {
        told.push(listener)
        return () => undefined
      },
    },
    readChanged(ids) {
      reads.push([...ids])
      const found = ids.flatMap((id) => stored.get(id) ?? []).map((generation) => ({ generation, at: START }))
      return new Promise((resolve) => {
        isReading = true
        answer = () => {
          isReading = false
          resolve(found)
        }
        readBegun.ring()
      })
    },
  })
  t.teardown(() => foreign.stop())
  if (isRead) t.teardown(feed.listen(() => undefined))
  const from = feed.head()
  return {
    feed,
    foreign,
    reads,
    stored,
    tell: (notice: (listener: NoticeListener) => void) => told.forEach(notice),
    pass: (ms: number) => void (monotonic += ms),
    /** Lets the read that is under way, or the next one, end. */
    read: async (): Promise<void> => {
      if (!isReading) await readBegun.rung()
      answer()
      await new Promise((resolve) => setImmediate(resolve))
    },
    readBegun: (): Promise<void> => readBegun.rung(),
    changes: (): Change[] | string => {
      const found = feed.after(from, 100)
      return found.type === 'changes' ? found.changes.map(({ item }) => item) : found.type
    },
  }
}

function createBell() {
  let ring = nothing
  let rung = new Promise<void>((resolve) => (ring = resolve))
  return {
    ring: () => ring(),
    async rung() {
      await rung
      rung = new Promise<void>((resolve) => (ring = resolve))
    },
  }
}

t.test('what other nodes change is read once for many notices, and told', async (t) => {
  const { tell, read, reads, stored, changes } = following(t)
  for (const number of [1, 2]) stored.set(idOf(number), { ...aGeneration(), id: idOf(number), progress: 40 })
  tell((to) => to.changed?.([idOf(1), idOf(2)]))
  tell((to) => to.changed?.([idOf(2), 'ser_1', idOf(3)]))
  await read()
  t.strictSame(reads, [[idOf(1), idOf(2), idOf(3)]])
  t.match(changes(), [
    { type: 'generation.changed', id: idOf(1), progress: 40 },
    { type: 'generation.changed', id: idOf(2) },
  ])
})

t.test('what this node stored during a read is newer than what is read', async (t) => {
  const { tell, stored, readBegun, read, foreign, feed, changes } = following(t)
  stored.set(idOf(1), { ...aGeneration(), id: idOf(1), status: 'in_progress' })
  tell((to) => to.changed?.([idOf(1)]))
  await readBegun()
  const own = { ...aGeneration(), id: idOf(1), status: 'cancelled' as const }
  foreign.own(own.id)
  feed.stored(own, [aLogEntry()], null)
  await read()
  t.match(changes(), [{ status: 'cancelled' }])
  t.equal(changes().length, 1)
  tell((to) => to.changed?.([idOf(1)]))
  await readBegun()
  t.pass('the next notice is read again')
})

t.test('where nobody reads, nothing is read, and who comes back is told so', async (t) => {
  const { tell, reads, changes } = following(t, { isRead: false })
  t.strictSame(changes(), [])
  tell((to) => to.changed?.(['ser_1']))
  t.strictSame(changes(), [], 'series are not in the feed')
  tell((to) => to.changed?.([idOf(1)]))
  t.equal(changes(), 'missed')
  t.strictSame(reads, [])
})

t.test('a reader that comes back within a minute finds what followed', async (t) => {
  const { tell, feed, pass, changes, read, stored } = following(t, { isRead: false })
  stored.set(idOf(1), { ...aGeneration(), id: idOf(1) })
  feed.listen(() => undefined)()
  pass(59_000)
  tell((to) => to.changed?.([idOf(1)]))
  await read()
  t.match(changes(), [{ id: idOf(1) }])
  pass(2000)
  tell((to) => to.changed?.([idOf(1)]))
  t.equal(changes(), 'missed')
})

t.test('a notice that may be lost, and more than can be read, mean reading again', async (t) => {
  const lost = following(t)
  lost.tell((to) => to.missed?.())
  t.equal(lost.changes(), 'missed')
  const many = following(t)
  many.tell((to) => to.changed?.(Array.from({ length: 5001 }, (_each, index) => idOf(index))))
  t.equal(many.changes(), 'missed')
  t.strictSame(many.reads, [])
})

t.test('a removal needs no read', async (t) => {
  const { tell, changes, reads } = following(t)
  tell((to) => to.removed?.([{ id: idOf(1), tenant: 'studio' }]))
  t.match(changes(), [{ type: 'generation.removed', id: idOf(1), tenant: 'studio' }])
  t.strictSame(reads, [])
})
