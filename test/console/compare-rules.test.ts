import { array, assert, boolean, constantFrom, double, integer, property, string } from 'fast-check'
import t from 'tap'
import {
  compareBody,
  emptyCompareDraft,
  scenesWithout,
  withNames,
} from '../../src/console/src/rules/compare-draft.ts'
import { bestOf, ownMeanOf, resultsOf } from '../../src/console/src/rules/compare-results.ts'
import {
  frameSecondsOf,
  isBehind,
  lengthOf,
  orderFor,
  steppedTo,
  toleranceSeconds,
  usualFrameSeconds,
} from '../../src/console/src/rules/playback.ts'
import type { PlayerNow } from '../../src/console/src/rules/playback.ts'
import { completeOf, meanOf, noPoints, overall, pointsOfKey } from '../../src/console/src/rules/scores.ts'
import { shuffled } from '../../src/console/src/rules/shuffle.ts'
import { letterOf, takesOf } from '../../src/console/src/rules/takes.ts'

const ready: PlayerNow = { time: 1, length: 5, isReady: true, isSeeking: false, hasFailed: false }
const seconds = (max: number) => double({ min: 0, max, noNaN: true })

const at = (position: number, isRunning = true) => ({ position, isRunning })
const row = (upstream: string, mean: number | null, hash: number | null) => ({
  upstream,
  mean_seconds: mean,
  hash_similarity: hash,
  colour_distance: 3,
  scores: null,
})

t.test('an order is a permutation, the same for the same seed, and every order comes up', async (t) => {
  assert(
    property(array(integer()), string(), (items, seed) => {
      const order = shuffled(items, seed)
      return (
        order.join() === shuffled(items, seed).join() &&
        order.toSorted((a, b) => a - b).join() === items.toSorted((a, b) => a - b).join()
      )
    }),
  )
  const counts = new Map<string, number>()
  for (let seed = 0; seed < 6000; seed++) {
    const order = shuffled(['a', 'b', 'c'], `cmp_1 ${seed} 1 mia`).join('')
    counts.set(order, (counts.get(order) ?? 0) + 1)
  }
  t.equal(counts.size, 6)
  for (const [order, count] of counts) t.ok(count > 800 && count < 1200, `${order}: ${count} of 6000`)
})

t.test('points come from 1 to 5, and means are over what was scored', async (t) => {
  t.same(['1', '2', '3', '4', '5', '0', '6', 'a', '12', ''].map(pointsOfKey), [
    0,
    25,
    50,
    75,
    100,
    null,
    null,
    null,
    null,
    null,
  ])
  t.equal(completeOf({ ...noPoints, face: 0 }), null)
  t.same(completeOf({ face: 0, clothing: 0, style: 0 }), { face: 0, clothing: 0, style: 0 }, '0 is a score')
  t.equal(meanOf([]), null)
  const scores = [
    { face: 100, clothing: 50, style: 0 },
    { face: 0, clothing: 50, style: 0 },
  ]
  t.same(meanOf(scores), { face: 50, clothing: 50, style: 0 })
  t.equal(overall({ face: 90, clothing: 60, style: 30 }), 60)
  const cells = [
    { upstream: 'a', own_scores: scores[0] ?? null },
    { upstream: 'a', own_scores: null },
    { upstream: 'b', own_scores: scores[1] ?? null },
  ]
  t.same(ownMeanOf(cells, 'a'), scores[0])
  t.equal(ownMeanOf(cells, 'c'), null)
})

t.test('the best of a column is named where there is something to compare', async (t) => {
  const best = bestOf(resultsOf({ table: [row('a', 5, 0.5), row('b', 4, 0.9), row('c', null, 0.9)] }))
  t.same([...best.mean_time], ['b'], 'the fastest of those with a time')
  t.same([...best.likeness], ['b', 'c'])
  t.same([...best.colours], [], 'all alike')
  t.same([...best.people], [], 'nobody scored')
  t.same([...bestOf(resultsOf({ table: [row('a', 5, 1)] })).mean_time], [], 'alone')
})

t.test('takes are scene by scene, run by run, in the order of the upstreams', async (t) => {
  const cells = [
    { scene: 1, run: 1, upstream: 'a' },
    { scene: 0, run: 2, upstream: 'a' },
    { scene: 0, run: 1, upstream: 'a' },
    { scene: 0, run: 1, upstream: 'b' },
  ]
  t.same(
    takesOf(cells, ['b', 'a']).map(({ scene, run, cells: of }) => [
      scene,
      run,
      of.map((each) => each.upstream),
    ]),
    [
      [0, 1, ['b', 'a']],
      [0, 2, ['a']],
      [1, 1, ['a']],
    ],
  )
  t.same([0, 1, 25, 26, 27].map(letterOf), ['A', 'B', 'Z', 'AA', 'AB'])
})

t.test(
  'a player is kept at the clock: by its rate where it is near, by a seek where it is not',
  async (t) => {
    t.same(orderFor(ready, at(1)), { isPlaying: true, seekTo: null, rate: 1 })
    t.match(orderFor({ ...ready, time: 1.03125 }, at(1)), { seekTo: null, rate: 0.9375 }, 'it is ahead')
    t.match(orderFor({ ...ready, time: 0.96875 }, at(1)), { seekTo: null, rate: 1.0625 }, 'it is behind')
    t.match(orderFor({ ...ready, time: 0.5 }, at(1)), { isPlaying: true, seekTo: 1 })
    t.same(orderFor({ ...ready, time: 0.99 }, at(1, false)), { isPlaying: false, seekTo: 1, rate: 1 })
    t.same(orderFor(ready, at(1, false)), { isPlaying: false, seekTo: null, rate: 1 })
    t.same(orderFor({ ...ready, time: 5 }, at(7)), { isPlaying: false, seekTo: null, rate: 1 }, 'it is over')
    t.same(
      orderFor({ ...ready, time: 3 }, at(7)),
      { isPlaying: false, seekTo: 5, rate: 1 },
      'on its last frame',
    )
    t.match(orderFor({ ...ready, isSeeking: true, time: 0 }, at(3)), { seekTo: null }, 'one seek at a time')
    assert(
      property(seconds(10), seconds(10), boolean(), (time, position, isRunning) => {
        const { rate, seekTo, isPlaying } = orderFor({ ...ready, time, length: 8 }, { position, isRunning })
        const drift = Math.abs(time - Math.min(position, 8))
        const isMended = drift <= toleranceSeconds || seekTo === Math.min(position, 8)
        return isMended && rate >= 0.88 && rate <= 1.12 && (isRunning || !isPlaying)
      }),
    )
  },
)

t.test('the others wait for a player that loads; not for one that is over or broken', async (t) => {
  t.equal(isBehind(ready, 1), false)
  t.equal(isBehind({ ...ready, isReady: false }, 1), true)
  t.equal(isBehind({ ...ready, isSeeking: true }, 1), true)
  t.equal(isBehind({ ...ready, length: null, isReady: false }, 0), true, 'nothing is known of it')
  t.equal(isBehind({ ...ready, isReady: false }, 6), false)
  t.equal(isBehind({ ...ready, isReady: false, hasFailed: true }, 1), false)
  t.equal(lengthOf([ready, { ...ready, length: 8 }, { ...ready, length: null }]), 8)
  t.equal(lengthOf([]), 0)
})

t.test('a step goes to the middle of the next frame, and back to the one before', async (t) => {
  const frame = 1 / 24
  t.equal(steppedTo(0, 1, { frame, length: 5 }), 1.5 * frame)
  t.equal(steppedTo(0, -1, { frame, length: 5 }), 0.5 * frame, 'there is none before the first')
  t.equal(steppedTo(5, 1, { frame, length: 5 }), 119.5 * frame, 'nor after the last')
  assert(
    property(seconds(4.9), constantFrom(1 / 24, 1 / 25, 1 / 30, 1 / 60), (position, rate) => {
      const film = { frame: rate, length: 5 }
      const index = (time: number) => Math.floor(time / rate + 1e-6)
      const on = steppedTo(position, 1, film)
      const isNext = index(on) === Math.min(index(position) + 1, Math.ceil(5 / rate - 1e-6) - 1)
      return isNext && (index(on) === index(position) || index(steppedTo(on, -1, film)) === index(position))
    }),
  )
})

t.test('the length of a frame is the usual distance of those seen', async (t) => {
  const film = Array.from({ length: 40 }, (_, index) => index / 30)
  t.ok(Math.abs(frameSecondsOf(film) - 1 / 30) < 1e-9)
  t.ok(
    Math.abs(frameSecondsOf(film.filter((_, index) => index % 7 !== 0)) - 1 / 30) < 1e-9,
    'some were dropped',
  )
  t.equal(frameSecondsOf([]), usualFrameSeconds)
  t.equal(frameSecondsOf([0, 3, 3, 9]), usualFrameSeconds, 'seeks are no frames')
})

t.test('a comparison can be asked for once every scene names the character', async (t) => {
  const text = '@girl walks\n\n  a tram \n@girlfriend waves'
  t.same(scenesWithout(text, 'girl'), [1, 2])
  t.equal(withNames(text, 'girl'), '@girl walks\n@girl a tram\n@girl @girlfriend waves')
  t.same(scenesWithout(withNames(text, 'girl'), 'girl'), [])
  const draft = { ...emptyCompareDraft, character: 'girl', text: '@girl walks', upstreams: ['a'] }
  t.strictSame(compareBody(draft), {
    character: 'girl',
    scenes: ['@girl walks'],
    runs: 1,
    upstreams: ['a'],
    duration: 5,
    size: 'landscape',
  })
  t.match(compareBody({ ...draft, name: ' apron ' }), { name: 'apron' })
  const ten = Array.from({ length: 10 }, () => '@girl walks').join('\n')
  t.ok(compareBody({ ...draft, text: ten }))
  for (const part of [
    { text: '' },
    { text },
    { text: `${ten}\n@girl` },
    { character: '' },
    { upstreams: [] },
  ])
    t.equal(compareBody({ ...draft, ...part }), null, JSON.stringify(part))
})
