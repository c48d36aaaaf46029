import { array, assert, constantFrom, property } from 'fast-check'
import t from 'tap'
import {
  afterLook,
  ceilingLeft,
  loweredLimit,
  mayGiveBack,
  sceneAfter,
  scenesToAllot,
  scenesToFollow,
} from '../../src/gateway/domain/series/advance.ts'
import { isSamePrompt, retriedScene, retryRefusal } from '../../src/gateway/domain/series/retry.ts'
import { newsOf } from '../../src/gateway/domain/series/series-events.ts'
import {
  costsOf,
  leadingScene,
  mostInFlight,
  seriesProgress,
  statusOf,
} from '../../src/gateway/domain/series/series.ts'
import type { Scene, SceneStatus } from '../../src/gateway/domain/series/series.ts'
import { aGeneration, anAttempt, START } from '../fixtures/generation.ts'
import { aScene, aSeries } from '../fixtures/series.ts'

const allotted = { allotmentMicros: 300_000 }
const sent = { ...allotted, isSent: true, isOpen: true, status: 'queued' } as const
const ended = (status: SceneStatus) => ({ ...allotted, isSent: true, status, completedAt: START })

function numbers(scenes: readonly Scene[]): number[] {
  return scenes.map(({ number }) => number)
}

const scenes = (first: Partial<Scene>) => [aScene(1, first), aScene(2), aScene(3)]

const of = (statuses: SceneStatus[]) =>
  statuses.map((status, index) => {
    if (status === 'waiting') return aScene(index + 1)
    const state = status === 'queued' ? { ...sent, isAccepted: true } : ended(status)
    return aScene(index + 1, state)
  })

const due = (scenes: Scene[], completedAt: number | null = null) =>
  afterLook(aSeries({ scenes, completedAt }), START).dueAt

t.test('a series stands where its scenes stand', async (t) => {
  const table: Array<[SceneStatus[], number | null, string]> = [
    [['waiting', 'waiting'], null, 'queued'],
    [['queued', 'waiting'], null, 'in_progress'],
    [['completed', 'waiting'], null, 'in_progress'],
    [['failed', 'in_progress'], START, 'in_progress'],
    [['completed', 'completed'], null, 'completed'],
    [['completed', 'completed'], START, 'completed'],
    [['completed', 'failed'], null, 'failed'],
    [['cancelled', 'completed'], null, 'failed'],
    [['cancelled', 'completed'], START, 'cancelled'],
    [['failed', 'cancelled'], START, 'cancelled'],
  ]
  for (const [statuses, cancelledAt, expected] of table) {
    const scenes = statuses.map((status, index) => aScene(index + 1, { status }))
    t.equal(statusOf({ scenes, cancelledAt }), expected, `${statuses.join(' ')} ${cancelledAt}`)
  }
  const half = [
    aScene(1, { status: 'failed', progress: 10 }),
    aScene(2, { status: 'in_progress', progress: 40 }),
  ]
  t.equal(seriesProgress({ scenes: half }), 70)
})

t.test('the first scene goes alone until an upstream took it or it ended', async (t) => {
  const may = (first: Partial<Scene>) => {
    const { scenes: next, most } = scenesToAllot(aSeries({ scenes: scenes(first) }))
    return numbers(next).slice(0, most)
  }
  t.same(may({}), [1])
  t.same(may(allotted), [])
  t.same(may(sent), [])
  t.same(may({ ...sent, isAccepted: true }), [2, 3])
  t.same(may(ended('failed')), [2, 3])
  const cancelled = aSeries({ scenes: scenes(ended('failed')), cancelledAt: START })
  t.equal(scenesToAllot(cancelled).most, 0, 'nothing of a cancelled one')
})

t.test('no more than ten scenes are under way, and they start in their order', async (t) => {
  const status = constantFrom<SceneStatus>('waiting', 'queued', 'completed', 'failed')
  assert(
    property(array(status, { minLength: 1, maxLength: 40 }), (statuses) => {
      const series = aSeries({ scenes: of(statuses) })
      const { scenes, most } = scenesToAllot(series)
      const underWay = statuses.filter((each) => each === 'queued').length
      const next = numbers(scenes).slice(0, most)
      t.ok(underWay + next.length <= Math.max(mostInFlight, underWay))
      t.same(
        next,
        next.toSorted((a, b) => a - b),
      )
    }),
  )
})

t.test(
  'the ceiling counts what was sent with its whole part until nothing of it can cost more',
  async (t) => {
    const table: Array<[Partial<Scene>, number, boolean]> = [
      [{}, 1_000_000, false],
      [allotted, 700_000, true],
      [sent, 700_000, true],
      [{ ...sent, costMicros: 100_000 }, 700_000, true],
      [{ ...sent, costMicros: 100_000, reservedMicros: 250_000 }, 650_000, true],
      [{ ...ended('completed'), costMicros: 100_000 }, 900_000, false],
      [{ ...ended('failed'), isOpen: true, reservedMicros: 100_000 }, 700_000, true],
      [{ ...ended('failed'), costMicros: 0, earlierCostMicros: 200_000 }, 800_000, false],
      [{ ...allotted, earlierCostMicros: 900_000 }, 0, true],
    ]
    for (const [scene, left, returns] of table) {
      const series = aSeries({ scenes: [aScene(1, scene), aScene(2)] })
      t.equal(ceilingLeft(series), left, JSON.stringify(scene))
      t.equal(mayGiveBack(series, START), returns, JSON.stringify(scene))
    }
    t.equal(ceilingLeft(aSeries({ maxCostMicros: null })), null)
  },
)

t.test('nobody waits for ever for a part of the ceiling that a job without a verdict has', async (t) => {
  const unknown = aScene(1, { ...ended('failed'), isOpen: true, reservedMicros: 300_000 })
  const series = aSeries({ scenes: [unknown, aScene(2)] })
  t.equal(mayGiveBack(series, START + 3599_000), true)
  t.equal(mayGiveBack(series, START + 3600_000), false)
  t.equal(ceilingLeft(series), 700_000, 'and it is kept for that job')
  const running = aSeries({ scenes: [aScene(1, sent), aScene(2)] })
  t.equal(mayGiveBack(running, START + 24 * 3600_000), true)
})

t.test('a generation that was deleted unseen keeps its part of the ceiling', async (t) => {
  const gone = sceneAfter(aScene(1, sent), null, START)
  t.equal(ceilingLeft(aSeries({ scenes: [gone] })), 700_000)
})

t.test('a quarter of a key’s slots, and at least one, is left to its other calls', async (t) => {
  const table: Array<[number | null, number | null]> = [
    [null, null],
    [1, 1],
    [2, 1],
    [3, 2],
    [4, 3],
    [7, 6],
    [8, 6],
    [100, 75],
  ]
  for (const [limit, lowered] of table) t.equal(loweredLimit(limit), lowered, String(limit))
})

t.test(
  'a scene stands as its generation does, and is open while a job may still cost something',
  async (t) => {
    const attempt = anAttempt({
      state: 'failed',
      acceptedAt: START,
      costState: 'reserved',
      reservedMicros: 120_000,
      costMicros: 0,
    })
    const failed = aGeneration({
      status: 'failed',
      error: { code: 'outcome_unknown', message: 'no answer' },
      attempts: [attempt],
      completedAt: START + 5,
    })
    const scene = sceneAfter(aScene(1, sent), failed, START + 9)
    t.match(scene, {
      status: 'failed',
      isOpen: true,
      isAccepted: true,
      reservedMicros: 120_000,
      costMicros: 0,
      upstream: attempt.upstream,
      error: { code: 'outcome_unknown' },
      completedAt: START + 5,
    })
    t.same(scenesToFollow(aSeries({ scenes: [scene] })), [scene], 'and is looked at again')
    const settled = { ...attempt, costState: 'settled' as const, costMicros: 120_000 }
    const after = sceneAfter(scene, { ...failed, attempts: [settled] }, START + 9)
    t.match(after, { isOpen: false, costMicros: 120_000, reservedMicros: 0 })
    t.same(scenesToFollow(aSeries({ scenes: [after] })), [])
    t.match(costsOf({ scenes: [after] }), { costMicros: 120_000, reservedMicros: 0 })
    t.match(sceneAfter(aScene(1, sent), null, START), {
      status: 'failed',
      error: { code: 'deleted' },
      isOpen: false,
    })
    t.match(sceneAfter(after, null, START), { status: 'failed', error: { code: 'outcome_unknown' } })
  },
)

t.test('the others follow the first completed scene, and before that the one that is at it', async (t) => {
  const first = aScene(1, { ...sent, upstream: 'reseller' })
  const second = aScene(2, { ...ended('completed'), upstream: 'official' })
  t.equal(leadingScene({ scenes: [first, aScene(2)] }), first)
  t.equal(leadingScene({ scenes: [first, second] }), second)
  t.equal(leadingScene({ scenes: [aScene(1), aScene(2)] }), null)
  const failed = aScene(1, { ...ended('failed'), upstream: 'reseller' })
  t.equal(leadingScene({ scenes: [failed, aScene(2)] }), null)
})

t.test('a scene is retried only where that can neither pay twice nor shop a refusal around', async (t) => {
  const failed = (code: string, more: Partial<Scene> = {}) =>
    aScene(1, { ...ended('failed'), error: { code, message: 'no' }, ...more })
  const table: Array<[Scene, boolean, RegExp | null]> = [
    [failed('upstream_failed'), false, null],
    [failed('budget_exceeded', { isSent: false, allotmentMicros: null }), false, null],
    [failed('content_refused'), false, /another prompt/],
    [failed('content_refused'), true, null],
    [failed('outcome_unknown'), true, /unknown outcome/],
    [failed('deleted'), true, /deleted before its outcome/],
    [failed('deadline_exceeded', { isOpen: true }), true, /not known yet/],
    [aScene(1, ended('completed')), true, /is completed/],
    [aScene(1, ended('cancelled')), true, /is cancelled/],
    [aScene(1, sent), true, /is queued/],
  ]
  for (const [scene, isChanged, expected] of table) {
    const refusal = retryRefusal(scene, isChanged)
    const name = `${scene.status} ${scene.error?.code} ${isChanged}`
    if (expected === null) t.equal(refusal, null, name)
    else t.match(refusal, expected, name)
  }
  const scene = failed('upstream_failed', {
    costMicros: 20,
    earlierCostMicros: 5,
    previousGenerationIds: ['gen_0'],
  })
  const retried = retriedScene(scene, 'gen_new', [])
  t.match(retried, {
    status: 'waiting',
    generationId: 'gen_new',
    earlierCostMicros: 25,
    costMicros: 0,
    error: null,
  })
  t.same(retried.previousGenerationIds, ['gen_0', scene.generationId])
})

t.test('a prompt is another one only where its words are', async (t) => {
  t.ok(isSamePrompt('A mill  at\nnight ', 'a mill at\u200b night'))
  t.ok(isSamePrompt('ａ mill', 'a mill'))
  t.notOk(isSamePrompt('a mill at night', 'a mill at noon'))
})

t.test('the log is told of every start and every end once, and of the end of all', async (t) => {
  const before = aSeries()
  const [one, two] = before.scenes
  if (one === undefined || two === undefined) throw new Error('two were made')
  const started = { ...before, scenes: [{ ...one, ...sent }, two] }
  const types = (a: typeof before, b: typeof before) => newsOf(a, b, START).map(({ type }) => type)
  t.same(types(before, started), ['scene.started'])
  t.same(types(started, started), [])
  const over = afterLook(
    {
      ...started,
      scenes: [
        { ...one, ...ended('completed') },
        { ...two, ...ended('failed') },
      ],
    },
    START + 1,
  )
  t.same(types(started, over), ['scene.completed', 'scene.started', 'scene.failed', 'series.failed'])
  t.same(types(over, afterLook(over, START + 2)), [])
})

t.test('a series is looked at until nothing of it changes any more', async (t) => {
  t.equal(due([aScene(1)]), START + 1000)
  t.equal(afterLook(aSeries(), START, true).dueAt, START)
  t.equal(due([aScene(1, ended('completed'))]), null)
  t.equal(due([aScene(1, { ...ended('failed'), isOpen: true })]), START + 60_000)
  const month = 31 * 24 * 3600_000
  t.equal(due([aScene(1, { ...ended('failed'), isOpen: true })], START - month), null)
})
