import t from 'tap'
import type { Client } from '../../../src/gateway/domain/accounts/client.ts'
import { Problem } from '../../../src/gateway/domain/problem.ts'
import { handleOf, nameAs } from '../../../src/gateway/http/compat/character-handle.ts'
import { toOurPrompt, toTheirPrompt } from '../../../src/gateway/http/compat/openai/prompt.ts'
import type { CharacterService } from '../../../src/gateway/services/characters/characters.ts'
import { characterId, sampleCharacter } from '../samples.ts'
import { createStubs } from '../stub-services.ts'

const client: Client = {
  keyId: 'key_maker',
  tenant: 'studio',
  key: 'maker',
  scopes: [],
  allow: [],
  allowUpstreams: null,
  allowModels: null,
  monthlyBudgetMicros: null,
  requestsPerMinute: null,
  maxInFlight: null,
  webhookUrl: null,
}
const sample = sampleCharacter()
const mossy = { ...sample, character: { ...sample.character, name: 'mossy_cat', label: 'Mossy (the cat)' } }

/** One character, by its id and its handle. */
const characters: CharacterService = {
  ...createStubs().characters,
  async get(_client, idOrName) {
    if (idOrName === characterId || idOrName === 'mossy_cat') return mossy
    throw new Problem('not_found', 'The character does not exist, or belongs to another tenant.')
  },
}

const ours = (prompt: string, ids: string[] = []) => toOurPrompt(characters, client, { prompt, ids })

t.test(
  'a name that stands as a word becomes a mention, in whatever case; the caller gets the prompt back',
  async (t) => {
    const prompt = 'mossy (the cat) meets Mossy (the cat)s at @home, a@b.c'
    const written = await ours(prompt, [characterId])
    t.equal(written, `@${characterId} meets Mossy (the cat)s at \\@home, a\\@b.c`)
    const { id, name, description, label } = mossy.character
    t.equal(
      toTheirPrompt({ prompt: written, characters: [{ id, name, description, label }] }),
      'Mossy (the cat) meets Mossy (the cat)s at @home, a@b.c',
    )
  },
)

t.test('a mention of one of the caller’s characters stays one, and needs no list', async (t) => {
  t.equal(await ours('@mossy_cat sleeps'), '@mossy_cat sleeps')
  t.equal(await ours('@mossy_cat sleeps', [characterId]), '@mossy_cat sleeps')
  t.equal(await ours(String.raw`\@mossy_cat sleeps`), String.raw`\@mossy_cat sleeps`)
})

t.test(
  'a character that is unknown, or listed and not in the prompt, is a fault of `characters`',
  async (t) => {
    const fault = { code: 'validation_failed', faults: [{ pointer: '/characters' }] }
    await t.rejects(ours('nobody is here', [characterId]), fault)
    await t.rejects(ours('nobody is here', ['char_unknown']), fault)
  },
)

t.test('any text becomes a handle', async (t) => {
  const rows = {
    Mossy: 'mossy',
    'Mossy the Cat!': 'mossy_the_cat',
    'Élodie Béart': 'elodie_beart',
    char_9: 'character',
    '7 of 9': 'of_9',
    小红: '小红',
    'Tom 和 小红': 'tom',
    '★': 'character',
    '': 'character',
    [`a${'b'.repeat(60)}`]: `a${'b'.repeat(39)}`,
  }
  for (const [name, handle] of Object.entries(rows)) t.equal(handleOf(name), handle, name)
})

t.test('a taken handle gets a number, and a name that is a handle needs no label', async (t) => {
  t.same(await nameAs(characters, client, 'Mossy Cat'), { name: 'mossy_cat_2', label: 'Mossy Cat' })
  t.same(await nameAs(characters, client, 'robot'), { name: 'robot' })
})
