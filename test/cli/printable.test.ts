import * as fc from 'fast-check'
import t from 'tap'
import { printable } from '../../src/cli/output/printable.ts'
import { note, say, sayJson } from '../../src/cli/output/terminal.ts'
import { PassThrough } from 'node:stream'

const hostile = 'a\u001b]0;owned\u0007\u009b31m\u007f\r\u202eb\u2066c'

t.test('what steers a terminal or turns text around is shown as an escape, on every way out', async (t) => {
  const shown = 'a\\u001b]0;owned\\u0007\\u009b31m\\u007f\\u000d\\u202eb\\u2066c'
  t.equal(printable(hostile), shown)
  t.equal(printable('línea\tuno\n咖啡👩‍🍳'), 'línea\tuno\n咖啡👩‍🍳')
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  say({ stdout }, hostile)
  note({ stderr }, hostile)
  t.equal(String(stdout.read()), `${shown}\n`)
  t.equal(String(stderr.read()), `${shown}\n`)
  sayJson({ stdout }, { message: hostile })
  const json = String(stdout.read())
  t.notMatch(json, /[\u007f-\u009f\u202e\u2066]/)
  t.same(JSON.parse(json), { message: hostile })
})

t.test('no text brings a control character to the terminal', async () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 40 }),
      (text) => /^[^\p{Bidi_Control}]*$/u.test(printable(text)) && !/[^\P{Cc}\t\n]/u.test(printable(text)),
    ),
    { numRuns: 2000 },
  )
})
