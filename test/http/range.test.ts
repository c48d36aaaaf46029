import * as fc from 'fast-check'
import t from 'tap'
import { matchesEtag, readRange } from '../../src/gateway/http/answers/range.ts'

const whole = { type: 'whole' }
const nothing = { type: 'unsatisfiable' }

function part(start: number, end: number) {
  return { type: 'part', range: { start, end } }
}

t.test('a range header means what RFC 9110 says, for a file of 100 bytes', async (t) => {
  const table: Array<[header: string | undefined, answer: object]> = [
    [undefined, whole],
    ['', whole],
    ['bytes=0-0', part(0, 0)],
    ['bytes=0-99', part(0, 99)],
    ['bytes=10-19', part(10, 19)],
    ['BYTES=10-19', part(10, 19)],
    ['bytes = 10 - 19 ', part(10, 19)],
    ['bytes=10-', part(10, 99)],
    ['bytes=99-', part(99, 99)],
    ['bytes=90-1000', part(90, 99)],
    ['bytes=-1', part(99, 99)],
    ['bytes=-100', part(0, 99)],
    ['bytes=-1000', part(0, 99)],
    ['bytes=100-', nothing],
    ['bytes=100-200', nothing],
    ['bytes=99999999999999999999-', nothing],
    ['bytes=-0', nothing],
    ['bytes=19-10', whole],
    ['bytes=-', whole],
    ['bytes=a-b', whole],
    ['bytes=1.5-2', whole],
    ['bytes=0-1,3-4', whole],
    ['bytes=0-1,200-', part(0, 1)],
    ['bytes=200-,300-', nothing],
    ['items=0-1', whole],
    ['0-1', whole],
  ]
  for (const [header, answer] of table) t.strictSame(readRange(header, 100), answer, header ?? 'none')
})

t.test('an empty file has no part', async (t) => {
  t.strictSame(readRange('bytes=0-', 0), nothing)
  t.strictSame(readRange('bytes=-5', 0), nothing)
  t.strictSame(readRange(undefined, 0), whole)
})

t.test('a part is never empty and never outside of the file', async (t) => {
  const offset = fc.option(fc.nat({ max: 300 }), { nil: '' })
  const holds = fc.property(offset, offset, fc.nat({ max: 200 }), (first, last, size) => {
    const answer = readRange(`bytes=${first}-${last}`, size)
    if (answer.type !== 'part') return true
    const { start, end } = answer.range
    return start >= 0 && start <= end && end < size
  })
  t.doesNotThrow(() => fc.assert(holds, { numRuns: 2000 }))
})

t.test('an entity tag is compared weakly, in a list or as *', async (t) => {
  const table: Array<[string | undefined, boolean]> = [
    ['"a"', true],
    ['W/"a"', true],
    ['"b", "a"', true],
    ['*', true],
    ['"b"', false],
    ['a', false],
    [undefined, false],
  ]
  for (const [header, matches] of table) t.equal(matchesEtag(header, '"a"'), matches, header ?? 'none')
})
