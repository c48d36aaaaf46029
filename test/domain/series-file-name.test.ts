import * as fc from 'fast-check'
import t from 'tap'
import { sceneFileName, slugOf } from '../../src/gateway/domain/series/file-name.ts'

t.test('a slug keeps the letters, marks and digits of every script', async (t) => {
  const table: Array<[text: string, slug: string]> = [
    ['@coffee_girl walks on the beach, at sunset!', 'coffee-girl-walks-on-the-beach-at-sunset'],
    ['Über die Brücke', 'über-die-brücke'],
    ['一个女孩在海边散步', '一个女孩在海边散步'],
    ['فتاة تمشي على الشاطئ', 'فتاة-تمشي-على-الشاطئ'],
    ['नमस्ते दुनिया', 'नमस्ते-दुनिया'],
    ['ｆｕｌｌ　ｗｉｄｔｈ １２', 'full-width-12'],
    ['cafe\u0301', 'café'],
    ['🙂🙂 👩‍👩‍👧', ''],
    ['heart ❤️ beat', 'heart-beat'],
    ['葛\u{e0100}城', '葛城'],
    ['\u3164a\u115f', 'a'],
    ['..\\..//etc/passwd\0', 'etc-passwd'],
    ['a\u202eb\u2066c', 'a-b-c'],
    ['\u0301a', 'a'],
    ['', ''],
  ]
  for (const [text, slug] of table) t.equal(slugOf(text), slug, JSON.stringify(text))
})

t.test('a slug that is too long is cut between graphemes', async (t) => {
  t.equal(slugOf('字'.repeat(50)), '字'.repeat(20))
  t.equal(slugOf('a'.repeat(58) + 'é́'.normalize('NFD')), 'a'.repeat(58), 'the letter goes with its marks')
  t.equal(slugOf(`a${'\u0301'.repeat(100)}`), '', 'there is no part of a grapheme')
  t.equal(slugOf(`${'a'.repeat(59)} b`), 'a'.repeat(59), 'no hyphen is left at the end')
})

const name = (number: number, id: string, prompt: string) =>
  sceneFileName({ number, id, prompt, extension: 'mp4' })

t.test('a file is named by the id that the caller gave, else by the prompt', async (t) => {
  t.equal(name(1, '1', 'a mill'), '001-a-mill.mp4')
  t.equal(name(2, 'Beach_2', 'a mill'), '002-beach-2.mp4')
  t.equal(name(3, '...', 'a mill'), '003-a-mill.mp4')
  t.equal(name(100, '100', '🙂'), '100.mp4')
  t.equal(name(4, 'CON', 'a mill'), '004-con.mp4')
})

const device = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/iu
const word = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  fc.constantFrom('CON', 'nul', 'COM1', 'İstanbul', 'ß', '\ufeff', 'a'.repeat(200), '字'.repeat(99)),
)

t.test(
  'whatever is asked for, every name is safe on every file system and unique in its series',
  async (t) => {
    const scenes = fc.array(fc.record({ id: word, prompt: word }), { minLength: 1, maxLength: 100 })
    fc.assert(
      fc.property(scenes, (given) => {
        const names = given.map(({ id, prompt }, index) =>
          sceneFileName({ number: index + 1, id, prompt, extension: 'mp4' }),
        )
        for (const [index, name] of names.entries()) {
          const [, counted, slug = ''] = /^(\d{3})(?:-(.+))?\.mp4$/su.exec(name) ?? []
          if (Number(counted) !== index + 1) throw new Error(`${name}: no number`)
          if (Buffer.byteLength(slug) > 60) throw new Error(`${name}: too long`)
          if (!/^(?:[\p{L}\p{M}\p{N}]+(?:-|$))*$/u.test(slug) || slug.endsWith('-')) throw new Error(name)
          if (/\p{Default_Ignorable_Code_Point}/u.test(name)) throw new Error(`${name}: invisible`)
          if (name !== name.normalize('NFKC')) throw new Error(`${name}: not normal`)
          if (!name.isWellFormed() || device.test(name)) throw new Error(name)
        }
        const folded = new Set(names.map((name) => name.toUpperCase().toLowerCase()))
        return folded.size === names.length
      }),
      { numRuns: 300 },
    )
    t.pass('for 300 lists')
  },
)
