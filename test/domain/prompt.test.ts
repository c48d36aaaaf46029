import * as fc from 'fast-check'
import t from 'tap'
import {
  literalsApart,
  mentionPlaces,
  mentionsOf,
  parsePrompt,
  promptCharacters,
  promptLengths,
  renderByReference,
  renderNative,
} from '../../src/gateway/domain/characters/prompt.ts'
import { isCharacterName, normalName } from '../../src/gateway/domain/characters/character-name.ts'
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
    ['＠coffee_girl waves', ['coffee_girl']],
    ['﹫coffee_girl waves', ['coffee_girl']],
    ['@ｃｏｆｆｅｅ＿girl waves', ['coffee_girl']],
    ['@ＣＯＦＦＥＥ waves', ['coffee']],
    ['@咖啡女孩 在海邊散步', ['咖啡女孩']],
    ['@咖啡女孩，在海邊', ['咖啡女孩']],
    ['@é', ['é']],
    ['@e\u0301', ['é']],
    ['@Девушка_2 и @ΑΘΗΝΑ', ['девушка_2', 'αθηνα']],
    ['@スーパーマン！', ['スーパーマン']],
    ['@कॉफ़ी चलती है', ['कॉफ़ी'.normalize('NFKC')]],
    ['@coffee_girl이 걷는다, @coffee_girlは', ['coffee_girl']],
    ['@小明2 runs', ['小明2']],
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
    '@\u200bcoffee_girl',
    '\\＠coffee_girl',
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
    ['\\＠coffee_girl', '＠coffee_girl'],
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

/** Any code points, including lone surrogates, and as many plain characters. */
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
      const escaped = text.replaceAll(/[@＠﹫]/g, '\\$&')
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
      return joined === text.replaceAll(/\\([@＠﹫])/g, '$1') && !touching && !empty
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

/** Every character that a vendor's normalization turns into @. */
const everyAt = Array.from({ length: 0x110000 }, (_, code) => code)
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code))
  .filter((character) =>
    ['NFC', 'NFD', 'NFKC', 'NFKD'].some((form) => character.normalize(form).includes('@')),
  )

t.test('every form of @ that Unicode knows is one here', async (t) => {
  t.same(everyAt, ['@', '﹫', '＠'])
  for (const at of everyAt) t.same(mentionsOf(`${at}coffee_girl`), ['coffee_girl'], at)
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
      ['bob@example.com at 5 @ noon @', 'bob@ example.com at 5 @ noon @'],
      ['-@char_9k _@char_9k +@char_9k %@char_9k', '-@ char_9k _@ char_9k +@ char_9k %@ char_9k'],
      ['a@char_9k 9@char_9k', 'a@ char_9k 9@ char_9k'],
      ['＠other ﹫other \\＠other', '＠ other ﹫ other ＠ other'],
      ['@\u200bother @\u00a0other @\ufeffother', '@ \u200bother @ \u00a0other @ \ufeffother'],
      ['＠coffee_girl waves', '@amber.finch waves'],
      ['@coffee_girl\ufeff.other', '@amber.finch \ufeff.other'],
      ['nothing at all', 'nothing at all'],
    ]
    for (const [prompt, rendered] of rows) t.equal(sent(prompt), rendered, prompt)
  },
)

/** The handles that a vendor may find: it may normalize text, and may drop invisible characters. */
function handlesIn(prompt: string): string[] {
  const plain = prompt.normalize('NFKC').replaceAll(/[\p{Default_Ignorable_Code_Point}\ufeff]/gu, '')
  return Array.from(plain.matchAll(/@([^ \t\r\n]+)/g), ([, handle = '']) => handle)
}

t.test(
  'no @ of any form stands directly before anything but the handle of a character of the request',
  async () => {
    const pieces = fc.oneof(
      anything,
      fc.constantFrom(...everyAt),
      fc.constantFrom(
        '\\',
        '@coffee_girl',
        '＠coffee_girl',
        '@stranger',
        'char_9k2mzx',
        '\u200b',
        '\ufeff',
        '\u0301',
      ),
      fc.constantFrom(...Array.from('aZ9_%+-.:/( \n女é')),
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) =>
        handlesIn(sent(parts.join(''))).every((handle) => handle === 'amber.finch'),
      ),
      { numRuns: 5000 },
    )
  },
)

t.test('names are letters of any script in one spelling', async (t) => {
  for (const name of [
    'coffee_girl',
    '咖啡女孩',
    'é',
    'девушка_2',
    'スーパーマン',
    '小明2',
    'कॉफ़ी'.normalize('NFKC'),
  ])
    t.ok(isCharacterName(name), name)
  const none = [
    '',
    'Coffee',
    'ｃｏｆｆｅｅ',
    'e\u0301',
    '1st',
    '_a',
    'a b',
    'a-b',
    'a\u200bb',
    '\u3164',
    'char_x',
  ]
  for (const name of [...none, 'amy咖啡', 'a'.repeat(41)]) t.notOk(isCharacterName(name), name)
  fc.assert(
    fc.property(fc.oneof(anything, fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 })), (text) => {
      const name = normalName(text)
      return !isCharacterName(name) || (mentionsOf(`@${name}`)[0] === name && normalName(name) === name)
    }),
    { numRuns: 5000 },
  )
})

t.test('the place of a mention is where its text stands, in UTF-16 code units', async (t) => {
  t.strictSame(mentionPlaces(String.raw`👩 @Coffee_Girl, \@old_man and @old_man在海边`), [
    { name: 'coffee_girl', start: 3, end: 15 },
    { name: 'old_man', start: 31, end: 39 },
  ])
  const word = fc.constantFrom(
    '@coffee_girl',
    '＠old_man',
    '@char_01kasp3v',
    String.raw`\@x`,
    '👩',
    '在海边',
    ' ',
    'a@b',
    '.',
  )
  fc.assert(
    fc.property(fc.array(word), (words) => {
      const prompt = words.join('')
      const written = parsePrompt(prompt).flatMap((part) => (part.type === 'mention' ? [part.written] : []))
      const places = mentionPlaces(prompt)
      t.strictSame(
        places.map(({ start, end }) => prompt.slice(start, end)),
        written,
      )
      t.strictSame([...new Set(places.map(({ name }) => name))], mentionsOf(prompt))
    }),
  )
})
