import * as fc from 'fast-check'
import t from 'tap'
import { shownText } from '../../src/gateway/domain/shown-text.ts'

t.test('a shown text is one line that turns nothing around', async (t) => {
  const table: Array<[text: string, shown: string]> = [
    ['a\r\n\tb\u0000c', 'a b c'],
    ['\u202egnp.exe\u202c', 'gnp.exe'],
    ['a\u2066b\u2069', 'ab'],
    ['a\u2028b', 'a b'],
    ['فتاة تمشي', 'فتاة تمشي'],
    ['👩‍👩‍👧', '👩‍👩‍👧'],
    ['a\ud800b', 'a\ufffdb'],
    ['x'.repeat(11), `${'x'.repeat(9)}…`],
  ]
  for (const [text, shown] of table) t.equal(shownText(text, 10), shown)
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const shown = shownText(text, 20)
      return !/[\p{Cc}\p{Bidi_Control}\p{Cs}]/u.test(shown) && Array.from(shown).length <= 20
    }),
  )
})
