import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { toComparisonDto, ComparisonDto } from '../../src/gateway/http/schemas/comparisons/comparison.ts'
import { CharacterDto, toCharacterDto } from '../../src/gateway/http/schemas/characters/character.ts'
import { KeyDto, toKeyDto } from '../../src/gateway/http/schemas/accounts/key.ts'
import { GenerationEvent } from '../../src/gateway/http/schemas/generations/event.ts'
import { contactSheetOf } from '../../src/gateway/services/comparisons/contact-sheet.ts'
import { viewOf } from '../../src/gateway/services/accounts/keys/key-views.ts'
import { createKeyStore } from '../../src/gateway/storage/accounts/key-store.ts'
import { createCharacterStore } from '../../src/gateway/storage/characters/character-store.ts'
import { noMoney } from '../../src/gateway/domain/generation/money.ts'
import { createComparisonStore } from '../../src/gateway/storage/characters/comparison-store.ts'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { aComparison } from '../fixtures/comparison.ts'
import { aCharacter, generationId, START } from '../fixtures/generation.ts'
import { aKey, anAuditEntry } from '../fixtures/key.ts'

const character = aCharacter()
const comparison = aComparison()
const key = aKey()

/** A binding, a comparison and a key, whose words another release then wrote. */
async function storedElsewhere(file: string): Promise<void> {
  {
    await using database = await openDatabase({ file })
    await createCharacterStore(database).insert(character)
    await createComparisonStore(database).insert(comparison)
    await createKeyStore(database).insert(key, anAuditEntry(), 10)
  }
  using database = new DatabaseSync(file)
  database.exec(
    `insert into bindings (character_id, upstream, state, step, operation, failure, failure_code, updated_at)
       values ('${character.id}', 'reseller-a', 'orbiting', 'landing', 'null', 'there is none', 'no_moon', ${START});
     update comparisons set doc = json_set(doc, '$.cells[0].state', 'orbiting', '$.cells[0].fidelity', 'lunar',
       '$.client.scopes[0]', 'fly', '$.client.allow[0]', 'lunar');
     update keys set doc = json_set(doc, '$.scopes[0]', 'fly', '$.allow[0]', 'lunar')`,
  )
}

t.test('words of another release in bindings, comparisons and keys are shown and fail no page', async (t) => {
  const file = `${t.testdir()}/understudy.db`
  await storedElsewhere(file)
  await using database = await openDatabase({ file })

  const characters = createCharacterStore(database)
  const found = await characters.bindings(character.id)
  const bindings = found.map((binding) => ({ ...binding, kind: null }))
  t.match(CharacterDto.encode(toCharacterDto({ character, bindings })), {
    bindings: [{ state: 'orbiting', failure: 'there is none', failure_code: 'no_moon' }],
  })

  const stored = await createComparisonStore(database).get(comparison.id)
  const sheetUrl = 'https://gateway.test/sheets/x'
  const { comparison: kept } = stored!
  const view = { comparison: kept, scores: [], ownScores: [], money: noMoney, asideUntil: null, sheetUrl }
  t.match(ComparisonDto.encode(toComparisonDto(view)), {
    cells: [{ state: 'orbiting', fidelity: 'lunar' }, { state: 'waiting' }],
    table: [{ videos: 2, delivered: 0, failed: 0 }],
  })
  t.match(contactSheetOf(view.comparison, []).scenes, [{ takes: [[{ missing: 'orbiting' }]] }])

  const figures = { spentMicros: 0, reservedMicros: 0, inFlight: 0 }
  const made = await createKeyStore(database).get(key.id)
  t.match(KeyDto.encode(toKeyDto(viewOf(made!, { figures, tenantBudget: null, lastUsedAt: null }, START))), {
    scopes: ['fly'],
    allow: ['lunar'],
  })
})

t.test('a binding in an unknown state is taken up by nobody', async (t) => {
  const file = `${t.testdir()}/understudy.db`
  await storedElsewhere(file)
  await using database = await openDatabase({ file })
  const characters = createCharacterStore(database)
  t.same(await characters.dueBindings(START, 10), [])
})

t.test('an event of an unknown type is one of the stream', async (t) => {
  const event = {
    type: 'moon.landed',
    at: '2026-11-22T15:05:11.000Z',
    seq: 7,
    generation_id: generationId(1),
  }
  t.ok(GenerationEvent.safeParse(event).success)
})
