import * as fc from 'fast-check'
import t from 'tap'
import { nameFault } from '../../src/console/src/rules/character-name.ts'
import { spendByCharacter } from '../../src/console/src/rules/character-spend.ts'
import {
  edgeAfter,
  firstSpan,
  frameTimes,
  moveEdge,
  moveSpan,
  typedSeconds,
} from '../../src/console/src/rules/clip-span.ts'
import { isCharacterName } from '../../src/gateway/domain/characters/character-name.ts'

t.test('a name is one by the same rule as the gateway’s, and else the fault is named', async (t) => {
  const rows: Array<[string, ReturnType<typeof nameFault>]> = [
    ['coffee_girl', null],
    ['咖啡女孩', null],
    ['girl2', null],
    ['ｇｉｒｌ', null],
    ['', 'missing'],
    ['Coffee', 'upper_case'],
    ['ÉLAN', 'upper_case'],
    ['coffee girl', 'format'],
    ['coffee-girl', 'format'],
    ['2girls', 'format'],
    ['<b>girl</b>', 'format'],
    ['char_me', 'reserved'],
    ['a'.repeat(40), null],
    ['a'.repeat(41), 'too_long'],
  ]
  for (const [typed, fault] of rows) t.equal(nameFault(typed), fault, typed)
  const parts = fc.constantFrom(
    'a',
    'Z',
    '7',
    '_',
    '咖',
    'é',
    'İ',
    'ﬁ',
    '９',
    ' ',
    '@',
    'char_',
    '\u00ad',
    'ก',
  )
  const names = fc.oneof(
    fc.array(parts, { maxLength: 45 }).map((each) => each.join('')),
    fc.string(),
  )
  fc.assert(
    fc.property(names, (typed) => (nameFault(typed) === null) === isCharacterName(typed.normalize('NFKC'))),
    { numRuns: 2000 },
  )
})

t.test('a span stays within its video, and a second long where the video is', async (t) => {
  t.same(firstSpan(10), { start: 0, end: 3 })
  t.same(firstSpan(2.04), { start: 0, end: 2 })
  t.same(moveEdge({ start: 0, end: 3 }, 'start', 2.75, 10), { start: 2, end: 3 })
  t.same(moveEdge({ start: 1, end: 3 }, 'end', 99, 7.46), { start: 1, end: 7.4 })
  t.same(moveSpan({ start: 0, end: 3 }, 9, 10), { start: 7, end: 10 })
  const seconds = fc.double({ min: 0.2, max: 600, noNaN: true })
  const anywhere = fc.double({ min: -100, max: 700, noNaN: true })
  const moves = fc.array(fc.tuple(fc.constantFrom('start', 'end', 'both'), anywhere), { maxLength: 12 })
  fc.assert(
    fc.property(seconds, moves, (duration, made) => {
      let span = firstSpan(duration)
      for (const [move, to] of made) {
        span = move === 'both' ? moveSpan(span, to, duration) : moveEdge(span, move, to, duration)
        const { start, end } = span
        const tenths = [start, end].every((each) => Math.abs(each * 10 - Math.round(each * 10)) < 1e-6)
        const least = Math.min(1, Math.floor(duration * 10) / 10)
        if (!(tenths && start >= 0 && end <= duration + 1e-9 && end - start >= least - 1e-6)) return false
      }
      return true
    }),
  )
})

t.test('keys move an edge by tenths, with Shift by seconds, and to either end', async (t) => {
  const rows: Array<[string, boolean, number | null]> = [
    ['ArrowRight', false, 2.1],
    ['ArrowLeft', false, 1.9],
    ['ArrowUp', true, 3],
    ['ArrowDown', true, 1],
    ['PageUp', false, 3],
    ['PageDown', true, 1],
    ['Home', false, 0],
    ['End', false, 8],
    ['a', false, null],
    ['Tab', true, null],
  ]
  for (const [key, coarse, to] of rows) t.equal(edgeAfter(key, 2, coarse, 8), to, key)
})

t.test(
  'frames are taken in the middle of equal parts, and seconds are read as people type them',
  async (t) => {
    t.same(frameTimes(8, 4), [1, 3, 5, 7])
    t.same(['1.5', ' 2,5 ', '0', '', 'two', '-1', 'Infinity'].map(typedSeconds), [
      1.5,
      2.5,
      0,
      null,
      null,
      null,
      null,
    ])
  },
)

function row(ids: string[], videos: number) {
  return { characters: ids.map((id) => ({ id })), videos, cost_usd: videos / 4, reserved_cost_usd: 0.5 }
}

t.test('a video of two characters counts for both, and one of nobody for none', async (t) => {
  const spends = spendByCharacter([row(['a'], 1), row(['a', 'b'], 4), row([], 9), row(['b'], 0)])
  t.strictSame(
    [...spends],
    [
      ['a', { videos: 5, paidUsd: 1.25, reservedUsd: 1 }],
      ['b', { videos: 4, paidUsd: 1, reservedUsd: 1 }],
    ],
  )
})
