import { randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import t from 'tap'
import { createBase64Text } from '../../src/gateway/http/bodies/base64-text.ts'
import { createDataUrlScanner } from '../../src/gateway/http/bodies/data-url-scanner.ts'

function decode(pieces: string[]): Buffer {
  const base64 = createBase64Text('/a')
  return Buffer.concat([...pieces.map((piece) => base64.decode(piece)), base64.end()])
}

/** The text cut at places that are drawn. */
function cut(text: string, at: number[]): string[] {
  const places = [0, ...at.map((each) => each % (text.length + 1)).toSorted((a, b) => a - b), text.length]
  return places.slice(1).map((place, index) => text.slice(places[index], place))
}

t.test('base64 is the same bytes however it is cut, with its padding or without', async (t) => {
  fc.assert(
    fc.property(fc.nat(200), fc.array(fc.nat()), fc.boolean(), (length, at, isPadded) => {
      const bytes = randomBytes(length)
      const text = isPadded ? bytes.toString('base64') : bytes.toString('base64').replaceAll('=', '')
      return decode(cut(text, at)).equals(bytes)
    }),
  )
  t.pass()
})

t.test('what is not base64 is refused at its member, however it is cut', async (t) => {
  for (const text of [
    'AAA$',
    'A',
    'AAAAA',
    'AA=A',
    'AAA=A',
    'AAA==',
    'AAA=AAA=',
    '====',
    'AA-_',
    'A A A A',
    'AA\\n',
  ])
    for (let at = 0; at <= text.length; at++) {
      const refused = { code: 'not_media', faults: [{ pointer: '/a', detail: /^is not valid base64/ }] }
      t.throws(() => decode([text.slice(0, at), text.slice(at)]), refused, text)
    }
})

t.test('a data URL is found where it is the value of a member, however the text is cut', async (t) => {
  const found =
    '{"prompt": "a \\" data:a;base64,\\\\", "data:n;base64,": ["data:e;base64,"], "url" : "data:image\\/png;base64,|AA"}'
  const text = found.replace('|', '')
  for (let at = 0; at <= text.length; at++) {
    const find = createDataUrlScanner()
    const first = find(Buffer.from(text.slice(0, at)))
    const place = first === -1 ? at + find(Buffer.from(text.slice(at))) : first
    t.equal(place, found.indexOf('|'), `cut at ${at}`)
  }
  for (const value of [
    'data:image/png,AA',
    'data:',
    'data',
    ' data:a;base64,',
    `data:${'a'.repeat(300)};base64,`,
    'https://a/data:a;base64,',
  ])
    t.equal(createDataUrlScanner()(Buffer.from(JSON.stringify({ a: value, b: 1 }))), -1, value)
})
