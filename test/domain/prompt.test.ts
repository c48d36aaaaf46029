import * as fc from 'fast-check'
import t from 'tap'
import {
  literalsApart,
  mentionsOf,
  parsePrompt,
  promptCharacters,
  promptLengths,
  renderByReference,
  renderNative,
} from '../../src/domain/prompt.ts'
import { coffeeGirl, oldMan } from './builders.ts'

const both = [coffeeGirl, oldMan]

function native(prompt: string): string {
  return renderNative(prompt, both, ({ name }) => `<${name}>`)
}

function sent(prompt: string): string {
  return renderNative(literalsApart(prompt, [coffeeGirl]), [coffeeGirl], () => '@amber.finch ')
}

t.test('what is a mention', async (t) => {
  const rows: Array<[string, string[]]> = [
    ['@coffee_girl walks', ['coffee_girl']],
    ['a walk with @coffee_girl', ['coffee_girl']],
    ['(@coffee_girl) and "@old_man"', ['coffee_girl', 'old_man']],
    ['@coffee_girl, @old_man; @third.', ['coffee_girl', 'old_man', 'third']],
    ["@coffee_girl’s and @old_man's hats", ['coffee_girl', 'old_man']],
    ['line one\n@coffee_girl\tline two', ['coffee_girl']],
    ['@Coffee_Girl and @COFFEE_GIRL', ['coffee_girl']],
    ['@old_man, @coffee_girl, @old_man', ['old_man', 'coffee_girl']],
    ['@@old_man', ['old_man']],
    ['女孩@coffee_girl在海边，@old_man。', ['coffee_girl', 'old_man']],
    ['👩@coffee_girl👴@old_man', ['coffee_girl', 'old_man']],
    ['—@coffee_girl…', ['coffee_girl']],
    ['@coffee_girl-like', ['coffee_girl']],
    ['@coffee_girl.', ['coffee_girl']],
    ['@constructor', ['constructor']],
  ]
  for (const [prompt, mentions] of rows) t.same(mentionsOf(prompt), mentions, prompt)
})

t.test('what is none', async (t) => {
  const rows = [
    'bob@example.com',
    'bob.smith+tag@example.com',
    'a_b@c',
    'x%@y',
    'at 5 @ noon',
    '@',
    '@ coffee_girl',
    '@1st',
    '@_private',
    '@é',
    '@咖啡',
    '\\@coffee_girl',
    'user\\@example.com',
    '@-x',
  ]
  for (const prompt of rows) t.same(mentionsOf(prompt), [], prompt)
})

t.test('an escaped @ is a plain one wherever it stands', async (t) => {
  const rows: Array<[string, string]> = [
    ['\\@coffee_girl', '@coffee_girl'],
    ['write \\@ here', 'write @ here'],
    ['me\\@example.com', 'me@example.com'],
    ['\\@\\@', '@@'],
    ['\\@@coffee_girl', '@<coffee_girl>'],
    ['@coffee_girl\\@x', '<coffee_girl>@x'],
    ['\\\\@coffee_girl', '\\@coffee_girl'],
    ['C:\\temp\\n \\', 'C:\\temp\\n \\'],
  ]
  for (const [prompt, rendered] of rows) t.equal(native(prompt), rendered, prompt)
})

t.test('a native prompt has every mention in the words of the upstream', async (t) => {
  t.equal(
    native('@coffee_girl meets @old_man; @Coffee_Girl, again.'),
    '<coffee_girl> meets <old_man>; <coffee_girl>, again.',
  )
  t.equal(native(`@${coffeeGirl.id} waves`), '<coffee_girl> waves', 'an id is the same character')
})

t.test('what an upstream’s handle looks like is not interpreted', async (t) => {
  for (const handle of ['$&', "$'", '$1', '\\@x', '@vendor.handle', '']) {
    t.equal(
      renderNative('a @coffee_girl b', both, () => handle),
      `a ${handle} b`,
    )
  }
})

t.test('a handle that needs a space after it has one, and never two', async (t) => {
  const rows: Array<[string, string]> = [
    ['@coffee_girl waves', '@amber.finch waves'],
    ['@coffee_girl.', '@amber.finch .'],
    ['(@coffee_girl)', '(@amber.finch )'],
    ["@coffee_girl's hat", "@amber.finch 's hat"],
    ['@coffee_girl\nwaves', '@amber.finch\nwaves'],
    ['at last @coffee_girl', 'at last @amber.finch'],
    ['@coffee_girl@old_man', '@amber.finch @old_man'],
    ['@coffee_girl\\@x', '@amber.finch @x'],
  ]
  for (const [prompt, rendered] of rows)
    t.equal(
      renderNative(prompt, [coffeeGirl], () => '@amber.finch '),
      rendered,
    )
})

t.test('how long a prompt is counts characters, with names and with descriptions', async (t) => {
  t.equal(promptCharacters('a👩b'), 3)
  t.same(promptLengths('@coffee_girl waves \\@you', [coffeeGirl]), {
    native: 'coffee_girl waves @you'.length,
    reference: 'coffee girl (as shown in the reference: A woman in a green apron) waves @you'.length,
  })
})

t.test('a mention of nobody stays as written', async (t) => {
  t.equal(native('@Stranger and @old_man'), '@Stranger and <old_man>')
  t.equal(
    renderNative('@Coffee_Girl', [], () => 'x'),
    '@Coffee_Girl',
  )
  t.equal(renderByReference('@Stranger', both, coffeeGirl), '@Stranger')
})

t.test('by reference the first mention describes a character, the others name it', async (t) => {
  t.equal(
    renderByReference('@coffee_girl meets @old_man. @coffee_girl waves, @old_man nods.', both, coffeeGirl),
    'coffee girl (as shown in the reference: A woman in a green apron) meets old man (An old man with a cane). ' +
      'coffee girl waves, old man nods.',
  )
})

t.test('by reference a character mentioned by name and by id is described once', async (t) => {
  t.equal(
    renderByReference(`@${oldMan.id} and @old_man`, both, undefined),
    'old man (An old man with a cane) and old man',
  )
})

t.test('by reference a character without a description is named, and shown', async (t) => {
  const plain = { ...coffeeGirl, description: '  ' }
  t.equal(
    renderByReference('@coffee_girl waves', [plain], plain),
    'coffee girl (as shown in the reference) waves',
  )
  t.equal(renderByReference('@coffee_girl waves', [plain], undefined), 'coffee girl waves')
})

t.test('a description is text, whatever is in it', async (t) => {
  const odd = { ...coffeeGirl, description: 'likes @old_man and $& and \\@' }
  t.equal(
    renderByReference('@coffee_girl', [odd, oldMan], undefined),
    'coffee girl (likes @old_man and $& and \\@)',
  )
})

/** Any code point, lone surrogates among them, and plain characters as often. */
const anything = fc.string({
  unit: fc.oneof(
    fc.nat({ max: 0x10ffff }).map((code) => String.fromCodePoint(code)),
    fc.nat({ max: 0x7f }).map((code) => String.fromCodePoint(code)),
  ),
  maxLength: 60,
})
const words = fc
  .array(
    fc.constantFrom('@coffee_girl', '@old_man', '@nobody', '\\@', '@', '\\', ' ', 'a', '.', 'é', '在', '\n'),
    {
      maxLength: 20,
    },
  )
  .map((parts) => parts.join(''))

t.test('text without @ or \\ is not changed by either rendering', async () => {
  fc.assert(
    fc.property(anything, (text) => {
      const plain = text.replaceAll(/[@\\]/g, '')
      return native(plain) === plain && renderByReference(plain, both, coffeeGirl) === plain
    }),
    { numRuns: 500 },
  )
})

t.test('escaping every @ gives the text back, with nobody mentioned', async () => {
  fc.assert(
    fc.property(fc.oneof(anything, words), (text) => {
      const escaped = text.replaceAll('@', '\\@')
      return mentionsOf(escaped).length === 0 && native(escaped) === text
    }),
    { numRuns: 500 },
  )
})

t.test('the parts of a prompt are the prompt, but for the escapes', async () => {
  fc.assert(
    fc.property(fc.oneof(anything, words), (text) => {
      const parts = parsePrompt(text)
      const joined = parts.map((part) => (part.type === 'text' ? part.text : part.written)).join('')
      const touching = parts.some(({ type }, index) => type === 'text' && parts[index + 1]?.type === 'text')
      const empty = parts.some((part) => part.type === 'text' && part.text === '')
      return joined === text.replaceAll('\\@', '@') && !touching && !empty
    }),
    { numRuns: 1000 },
  )
})

t.test('a prompt without a character that is used is the same natively and by reference', async () => {
  fc.assert(
    fc.property(words, (text) => {
      const rendered = renderNative(text, [], () => 'x')
      return rendered === renderByReference(text, [], undefined) && rendered === text.replaceAll('\\@', '@')
    }),
    { numRuns: 500 },
  )
})

t.test('a native prompt says everything else as the caller did, whatever the handles look like', async () => {
  const handles = fc.constantFrom('@amber.finch ', '@char_9k2mzx ', 'coffee girl', '$&', '@a b ')
  fc.assert(
    fc.property(words, handles, (text, handle) => {
      const rendered = renderNative(text, both, () => handle)
      const others = parsePrompt(text)
        .map((part) => {
          const isUsed = part.type === 'mention' && both.some(({ name }) => name === part.name)
          return isUsed ? '' : part.type === 'text' ? part.text : part.written
        })
        .join('')
      return (
        rendered.split(handle.trimEnd()).join('').replaceAll(/\s/g, '') ===
        others.split(handle.trimEnd()).join('').replaceAll(/\s/g, '')
      )
    }),
    { numRuns: 1000 },
  )
})

t.test('a long hostile prompt is parsed in no time', async (t) => {
  const started = performance.now()
  for (const text of ['@'.repeat(32_000), '\\'.repeat(32_000), '@a'.repeat(16_000), `@${'a'.repeat(32_000)}`])
    parsePrompt(text)
  t.ok(performance.now() - started < 500)
})

t.test(
  'where an upstream reads @ itself, what is no character of the request is no handle there either',
  async (t) => {
    const rows: Array<[string, string]> = [
      ['@coffee_girl waves', '@amber.finch waves'],
      ['@coffee_girl meets \\@other.handle', '@amber.finch meets @ other.handle'],
      ['\\@other', '@ other'],
      ['@1st and @é and @咖啡', '@ 1st and @ é and @ 咖啡'],
      ['@@coffee_girl', '@ @amber.finch'],
      ['@coffee_girl\\@other', '@amber.finch @ other'],
      ['\\@\\@other', '@ @ other'],
      ['@stranger walks', '@ stranger walks'],
      ['bob@example.com at 5 @ noon @', 'bob@example.com at 5 @ noon @'],
      ['nothing at all', 'nothing at all'],
    ]
    for (const [prompt, rendered] of rows) t.equal(sent(prompt), rendered, prompt)
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('@', '\\@', 'a', '_x', ' ', '.', '@coffee_girl', '%', '\\')),
        (pieces) => {
          const handles = sent(pieces.join('')).matchAll(/(?<![\w%+-])@(\S+)/g)
          return [...handles].every(([, handle]) => handle?.startsWith('amber.finch'))
        },
      ),
    )
  },
)
