import * as fc from 'fast-check'
import t from 'tap'
import {
  completions,
  faultNames,
  isHalfTyped,
  mentionPlaces,
  openMention,
  withMention,
} from '../../src/console/src/rules/mentions.ts'
import { segmentsOf } from '../../src/console/src/rules/segments.ts'
import { mentionPlaces as gatewayPlaces } from '../../src/gateway/domain/characters/prompt.ts'

const pieces = fc.oneof(
  fc.constantFrom(
    '@',
    '＠',
    '﹫',
    '\\@',
    'coffee_girl',
    '女孩',
    '在海边',
    ' ',
    '\n',
    '.',
    'a@b',
    '@@',
    '👩',
    'é',
    'ｅ',
    '-',
    '%',
  ),
  fc.string({ unit: 'grapheme', maxLength: 4 }),
)
const texts = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(''))

const named = (name: string, description = '') => ({ name, description })
const isKnown = (name: string) => name === 'coffee_girl'

t.test('a mention is where the gateway says', async (t) => {
  fc.assert(
    fc.property(texts, (text) => t.strictSame(mentionPlaces(text), gatewayPlaces(text))),
    {
      numRuns: 500,
    },
  )
})

t.test('the name under the caret', async (t) => {
  const rows: Array<[string, string | null, string?]> = [
    ['@|', '', '@'],
    ['@co|', 'co', '@co'],
    ['@co|ffee_girl walks', 'co', '@coffee_girl'],
    ['walks with @Co|', 'co', '@Co'],
    ['（@coffee|', 'coffee', '@coffee'],
    ['女孩@cof|', 'cof', '@cof'],
    ['@女|孩', '女', '@女孩'],
    ['＠ＣＯ|', 'co', '＠ＣＯ'],
    ['line\n@a|', 'a', '@a'],
    ['@@a|', 'a', '@a'],
    ['@coffee_girl |', null],
    ['@coffee_girl.|', null],
    ['bob@example|', null],
    [String.raw`\@a|`, null],
    ['no name|', null],
    ['|@a', null],
    ['|', null],
  ]
  for (const [written, typed, replaced] of rows) {
    const caret = written.indexOf('|')
    const text = written.replace('|', '')
    const open = openMention(text, caret)
    t.equal(open?.typed ?? null, typed, written)
    if (open !== null) t.equal(text.slice(open.start, open.end), replaced, written)
  }
})

t.test('a chosen name stands where it was typed, is a mention, and the caret is behind it', async (t) => {
  t.strictSame(withMention('a @co walks', { start: 2, end: 5 }, 'coffee_girl'), {
    text: 'a @coffee_girl walks',
    caret: 15,
  })
  t.strictSame(withMention('@co', { start: 0, end: 3 }, 'coffee_girl'), { text: '@coffee_girl ', caret: 13 })
  fc.assert(
    fc.property(texts, fc.nat(40), (text, at) => {
      const caret = Math.min(at, text.length)
      const open = openMention(text, caret)
      if (open === null) return
      const chosen = withMention(text, open, 'coffee_girl')
      t.ok(
        mentionPlaces(chosen.text).some(({ name, start }) => name === 'coffee_girl' && start === open.start),
        JSON.stringify({ text, caret, chosen }),
      )
      t.match(chosen.text.slice(chosen.caret - 1, chosen.caret), /^\s$/u)
      t.equal(openMention(chosen.text, chosen.caret), null)
    }),
    { numRuns: 500 },
  )
})

t.test(
  'names that begin with what was typed come first, then those that have it, then descriptions',
  async (t) => {
    const all = [named('old_man', 'drinks coffee'), named('iced_coffee'), named('coffee_girl'), named('tram')]
    const names = (typed: string, most = 8) => completions(all, typed, most).map(({ name }) => name)
    t.strictSame(names('coffee'), ['coffee_girl', 'iced_coffee', 'old_man'])
    t.strictSame(names('coffee', 1), ['coffee_girl'])
    t.strictSame(
      names(''),
      all.map(({ name }) => name),
    )
    t.strictSame(names('nobody'), [])
  },
)

t.test('questions wait while a name is half typed, and only then', async (t) => {
  t.equal(isHalfTyped(openMention('@coff', 5), isKnown), true)
  t.equal(isHalfTyped(openMention('@coffee_girl', 12), isKnown), false)
  t.equal(isHalfTyped(openMention('@coff walks', 11), isKnown), false)
})

t.test('a fault names whom it is about, and who was probably meant', async (t) => {
  const words = 'does not exist, or belongs to another tenant'
  t.strictSame(faultNames(`@cofee ${words}; did you mean @coffee_girl?; write \\@ for a literal @`), {
    name: 'cofee',
    proposed: 'coffee_girl',
  })
  t.strictSame(faultNames(`@女孩走 ${words}; did you mean @女孩, with a space after it?; write \\@`), {
    name: '女孩走',
    proposed: '女孩',
  })
  t.strictSame(faultNames('must not be empty'), { name: null, proposed: null })
})

t.test('the layer behind the text has the same text, whatever is marked', async (t) => {
  const mark = fc.record({
    start: fc.nat(30),
    end: fc.nat(30),
    kind: fc.constantFrom('character' as const, 'fault' as const),
  })
  fc.assert(
    fc.property(texts, fc.array(mark), fc.option(fc.nat(30)), (text, marks, anchor) => {
      const { before, after } = segmentsOf(text, marks, anchor)
      const joined = (parts: typeof before) => parts.map((part) => part.text).join('')
      t.equal(joined(before) + joined(after), text)
      t.equal(joined(before), text.slice(0, anchor ?? 0))
    }),
  )
  const over = segmentsOf(
    '@a b',
    [
      { start: 0, end: 2, kind: 'character' },
      { start: 0, end: 2, kind: 'fault' },
    ],
    null,
  )
  t.strictSame(over.after, [
    { text: '@a', kind: 'fault' },
    { text: ' b', kind: null },
  ])
})
