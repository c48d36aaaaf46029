import t from 'tap'
import { ulid } from 'ulid'
import { isCharacterName } from '../../src/gateway/domain/characters/character-name.ts'
import { isCharacterId, isGenerationId } from '../../src/gateway/domain/ids.ts'
import { mentionsOf } from '../../src/gateway/domain/characters/prompt.ts'

const id = ulid().toLowerCase()

t.test('an id is its prefix and a ULID in lower case, and nothing else', async (t) => {
  t.ok(isGenerationId(`gen_${id}`))
  t.ok(isCharacterId(`char_${id}`))
  const wrong = [
    '',
    id,
    `gen_${id}0`,
    `gen_${id.slice(1)}`,
    `gen_${id.toUpperCase()}`,
    `GEN_${id}`,
    ` gen_${id}`,
  ]
  for (const text of [...wrong, `gen_${id}\n`, `gen_${id.slice(1)}/`, `gen_../${id.slice(3)}`, 'gen_'])
    t.notOk(isGenerationId(text), JSON.stringify(text))
  t.notOk(isGenerationId(`char_${id}`))
  t.notOk(isCharacterId(`gen_${id}`))
})

t.test('a character’s name is a handle that can be mentioned', async (t) => {
  const names = ['a', 'coffee_girl', 'r2d2', 'x'.repeat(40), 'char', 'chart_reader', 'a_']
  for (const name of names) {
    t.ok(isCharacterName(name), name)
    t.same(mentionsOf(`before @${name}, after`), [name])
  }
})

t.test('what is no name', async (t) => {
  const wrong = [
    '',
    'Coffee',
    '_a',
    '1a',
    'a-b',
    'a b',
    'a.b',
    'É',
    'x'.repeat(41),
    'a\n',
    '@a',
    'char_',
    'char_a',
  ]
  for (const text of [...wrong, `char_${id}`]) t.notOk(isCharacterName(text), JSON.stringify(text))
})

t.test('an id of a character can be mentioned as well', async (t) => {
  t.same(mentionsOf(`@char_${id} walks`), [`char_${id}`])
  t.same(mentionsOf(`@CHAR_${id.toUpperCase()} walks`), [`char_${id}`])
})
