import type { Test } from 'tap'
import type { Binding } from '../../src/gateway/domain/characters/binding.ts'
import type { BindingKey, CharacterStore } from '../../src/gateway/ports/characters/character-store.ts'
import { aCharacter, characterId, generationId, someStills, START } from '../fixtures/generation.ts'

type Make = (t: Test) => Promise<CharacterStore>

const upstream = 'reseller-a'

/** What every CharacterStore guarantees. `make` opens an empty store and closes it when the test ends. */
export function characterStoreContract(t: Test, make: Make): void {
  registry(t, make)
  lists(t, make)
  changes(t, make)
  due(t, make)
}

function registry(t: Test, make: Make): void {
  t.test('a character is read back exactly as it was inserted, by id and by name', async (t) => {
    const store = await make(t)
    const sources = [
      aCharacter({ name: 'one' }),
      aCharacter({ name: 'two', source: { type: 'upload', fileName: 'clip "1".mp4' } }),
      aCharacter({ name: 'three', source: { type: 'generation', generationId: generationId(7) } }),
      aCharacter({
        name: 'four',
        source: { type: 'pictures', count: 2 },
        clip: null,
        stills: someStills('media_1', 'media_2'),
      }),
    ]
    for (const character of sources) {
      t.equal(await store.insert(character), 'inserted')
      t.strictSame(await store.get(character.id), character)
      t.strictSame(await store.getByName('studio', character.name), character)
    }
    t.equal(await store.get(characterId(1)), null)
    t.equal(await store.getByName('studio', 'nobody'), null)
    t.equal(await store.getByName('other', 'one'), null)
  })

  t.test('of many concurrent inserts of one name exactly one succeeds', async (t) => {
    const store = await make(t)
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => store.insert(aCharacter())))
    t.equal(outcomes.filter((outcome) => outcome === 'inserted').length, 1)
    t.equal(outcomes.filter((outcome) => outcome === 'name_taken').length, 19)
  })

  t.test('a name is taken in its own tenant only', async (t) => {
    const store = await make(t)
    await store.insert(aCharacter())
    t.equal(await store.insert(aCharacter({ tenant: 'other' })), 'inserted')
    t.equal(await store.insert(aCharacter()), 'name_taken')
  })

  t.test('an update is kept, found under the new name and no longer under the old one', async (t) => {
    const store = await make(t)
    const character = aCharacter()
    await store.insert(character)
    const renamed = { ...character, name: 'tea_girl', description: 'with a teapot', updatedAt: START + 1 }
    t.equal(await store.update(renamed), 'updated')
    t.strictSame(await store.get(character.id), renamed)
    t.strictSame(await store.getByName('studio', 'tea_girl'), renamed)
    t.equal(await store.getByName('studio', 'coffee_girl'), null)
    t.equal(await store.update({ ...renamed, description: 'again' }), 'updated')
  })

  t.test('an update to a taken name or of an unknown character changes nothing', async (t) => {
    const store = await make(t)
    const [first, second] = [aCharacter({ name: 'first' }), aCharacter({ name: 'second' })]
    await store.insert(first)
    await store.insert(second)
    t.equal(await store.update({ ...second, name: 'first' }), 'name_taken')
    t.strictSame(await store.get(second.id), second)
    t.equal(await store.update(aCharacter({ name: 'third' })), 'missing')
    t.equal(await store.update(aCharacter({ name: 'first' })), 'missing')
    t.equal(await store.getByName('studio', 'third'), null)
  })

  t.test('stills are changed as they are then, and an update of the rest leaves them alone', async (t) => {
    const store = await make(t)
    const character = aCharacter()
    await store.insert(character)
    const [one, other] = [someStills('media_1'), someStills('media_2')]
    t.strictSame(await store.changeStills(character.id, () => one), {
      character: { ...character, stills: one },
      before: null,
    })
    const keeping = await store.changeStills(character.id, ({ stills }) =>
      stills === undefined ? other : null,
    )
    t.strictSame(keeping, { character: { ...character, stills: one }, before: one })
    // Read before the stills came.
    t.equal(await store.update({ ...character, description: 'new' }), 'updated')
    t.strictSame(await store.get(character.id), { ...character, description: 'new', stills: one })
    t.match(await store.changeStills(character.id, () => other), { before: one })
    t.equal(await store.changeStills(characterId(1), () => one), null)
  })

  t.test('a removed character is gone with its bindings, and its name is free', async (t) => {
    const store = await make(t)
    const character = aCharacter()
    await store.insert(character)
    const key = { characterId: character.id, upstream }
    await store.changeBinding(key, () => ({ binding: aBinding(key), answer: null }))
    await store.remove(character.id)
    t.equal(await store.get(character.id), null)
    t.same(await store.bindings(character.id), [])
    const found = await store.changeBinding(key, (binding) => ({ binding: null, answer: binding }))
    t.equal(found, null)
    t.equal(await store.insert(aCharacter()), 'inserted')
  })
}

function lists(t: Test, make: Make): void {
  t.test('a list is newest first, in pages, and of one tenant only', async (t) => {
    const store = await make(t)
    for (const n of [2, 3, 1]) await store.insert(aCharacter({ id: characterId(n), name: `name_${n}` }))
    await store.insert(aCharacter({ id: characterId(4), tenant: 'other' }))
    const query = { tenant: 'studio', search: null, limit: 2 }
    const first = await store.list({ ...query, before: null })
    t.same(
      first.map(({ id }) => id),
      [characterId(3), characterId(2)],
    )
    const second = await store.list({ ...query, before: characterId(2) })
    t.same(
      second.map(({ id }) => id),
      [characterId(1)],
    )
  })

  t.test('a search matches name and description in any case of any alphabet, and literally', async (t) => {
    const store = await make(t)
    await store.insert(aCharacter({ name: 'coffee_girl', description: 'Женщина в Зелёном фартуке' }))
    await store.insert(aCharacter({ name: 'robot', description: 'Made of 100% Steel, C:\\tin' }))
    const search = async (text: string) => {
      const found = await store.list({ tenant: 'studio', search: text, before: null, limit: 10 })
      return found.map(({ name }) => name)
    }
    t.same(await search('COFFEE'), ['coffee_girl'])
    t.same(await search('зелёном'), ['coffee_girl'])
    t.same(await search('steel'), ['robot'])
    t.same(await search('100%'), ['robot'])
    t.same(await search('c:\\t'), ['robot'])
    t.same(await search('coffee%girl'), [])
    t.same(await search('coffeexgirl'), [])
    t.same(await search('r_bot'), [])
    t.equal((await search('')).length, 2)
  })

  t.test('a search follows a rename', async (t) => {
    const store = await make(t)
    const character = aCharacter()
    await store.insert(character)
    await store.update({ ...character, name: 'tea_girl', description: 'new' })
    const found = (search: string) => store.list({ tenant: 'studio', search, before: null, limit: 10 })
    t.equal((await found('tea')).length, 1)
    t.equal((await found('apron')).length, 0)
  })
}

function aBinding(key: BindingKey, overrides: Partial<Binding> = {}): Binding {
  return {
    ...key,
    account: null,
    state: 'pending',
    step: 'claimed',
    handle: null,
    operation: null,
    span: null,
    failure: null,
    orphans: 0,
    askedBy: null,
    creations: 0,
    claim: 'worker-1',
    dueAt: START + 1000,
    sentAt: null,
    silence: 0,
    crashPoints: 0,
    updatedAt: START,
    ...overrides,
  }
}

async function setUp(t: Test, make: Make) {
  const store = await make(t)
  const character = aCharacter()
  await store.insert(character)
  const key = { characterId: character.id, upstream }
  const put = (binding: Binding) => store.changeBinding(key, () => ({ binding, answer: 'put' }))
  return { store, key, put }
}

function changes(t: Test, make: Make): void {
  t.test('a binding is read back exactly as it was written, in every state', async (t) => {
    const { store, key, put } = await setUp(t, make)
    const settled = { step: null, claim: null, dueAt: null }
    const bindings = [
      aBinding(key),
      aBinding(key, { account: { origin: 'https://a.example/v1', credential: null } }),
      aBinding(key, { account: { origin: 'https://a.example/v1', credential: 'hash' } }),
      aBinding(key, { step: 'sent', span: { start: 0, end: 2.5 }, sentAt: START + 3 }),
      aBinding(key, {
        step: 'making',
        operation: { id: ['x', 1] },
        silence: 4,
        orphans: 1,
        askedBy: 'maker',
        creations: 3,
        crashPoints: 31,
      }),
      aBinding(key, { ...settled, state: 'ready', handle: 'vendor.handle', updatedAt: START + 7 }),
      aBinding(key, {
        ...settled,
        state: 'failed',
        failure: { code: 'refused', message: 'a real person', retryAt: null },
      }),
      aBinding(key, {
        ...settled,
        claim: 'worker-2',
        state: 'failed',
        failure: { code: 'outcome_unknown', message: 'lost', retryAt: START + 9 },
        orphans: 2,
      }),
      aBinding(key, { ...settled, state: 'revoked', handle: 'old.handle' }),
    ]
    for (const binding of bindings) {
      t.equal(await put(binding), 'put')
      t.strictSame(await store.bindings(key.characterId), [binding])
      const seen = await store.changeBinding(key, (before) => ({ binding: before, answer: before }))
      t.strictSame(seen, binding)
    }
  })

  t.test('there is no binding before one is written, and null writes none', async (t) => {
    const { store, key } = await setUp(t, make)
    t.equal(await store.changeBinding(key, (before) => ({ binding: null, answer: before })), null)
    t.same(await store.bindings(key.characterId), [])
  })

  t.test('of many concurrent changes each sees what the one before it wrote', async (t) => {
    const { store, key } = await setUp(t, make)
    const seen = await Promise.all(
      Array.from({ length: 20 }, () =>
        store.changeBinding(key, (before) => {
          const orphans = (before?.orphans ?? 0) + 1
          return { binding: aBinding(key, { orphans }), answer: orphans }
        }),
      ),
    )
    t.same(
      seen.toSorted((a, b) => a - b),
      Array.from({ length: 20 }, (_, n) => n + 1),
    )
  })

  t.test('a character has one binding on each upstream', async (t) => {
    const { store, key, put } = await setUp(t, make)
    await put(aBinding(key))
    const elsewhere = { ...key, upstream: 'reseller-b' }
    await store.changeBinding(elsewhere, (before) => ({ binding: aBinding(elsewhere), answer: before }))
    const bindings = await store.bindings(key.characterId)
    t.same(
      bindings.map((binding) => binding.upstream),
      ['reseller-a', 'reseller-b'],
    )
  })

  t.test('an account is assumed for the bindings of one upstream that have none', async (t) => {
    const { store, key, put } = await setUp(t, make)
    const elsewhere = { ...key, upstream: 'reseller-b' }
    const account = { origin: 'https://a.example', credential: null }
    await put(aBinding(key))
    await store.changeBinding(elsewhere, () => ({ binding: aBinding(elsewhere), answer: null }))
    await store.assumeAccount(upstream, account)
    await store.assumeAccount(upstream, { origin: 'https://b.example', credential: 'hash' })
    t.strictSame(await store.bindings(key.characterId), [aBinding(key, { account }), aBinding(elsewhere)])
  })

  t.test('a change that throws leaves the binding as it was', async (t) => {
    const { store, key, put } = await setUp(t, make)
    await put(aBinding(key))
    const broken = store.changeBinding(key, () => {
      throw new Error('no')
    })
    await t.rejects(broken, { message: 'no' })
    t.strictSame(await store.bindings(key.characterId), [aBinding(key)])
  })

  t.test('a binding of a character that does not exist is an error', async (t) => {
    const store = await make(t)
    const key = { characterId: characterId(1), upstream }
    await t.rejects(store.changeBinding(key, () => ({ binding: aBinding(key), answer: null })))
  })
}

function due(t: Test, make: Make): void {
  t.test('due are pending bindings that nobody has in hand any more, longest waiting first', async (t) => {
    const { store, key } = await setUp(t, make)
    const rows: Array<[string, Partial<Binding>]> = [
      ['b-late', { dueAt: START + 2000 }],
      ['a-early', { dueAt: START + 500 }],
      ['later', { dueAt: START + 9000 }],
      ['ready', { state: 'ready', step: null, dueAt: null }],
      ['failed', { state: 'failed', step: null, dueAt: null }],
    ]
    for (const [id, overrides] of rows) {
      const at = { ...key, upstream: id }
      await store.changeBinding(at, () => ({ binding: aBinding(at, overrides), answer: null }))
    }
    const found = async (now: number, limit: number) =>
      (await store.dueBindings(now, limit)).map(({ upstream: id }) => id)
    t.same(await found(START + 2000, 10), ['a-early', 'b-late'])
    t.same(await found(START + 2000, 1), ['a-early'])
    t.same(await found(START + 499, 10), [])
    const others = await store.dueBindings(START + 2000, 1, ['a-early', 'x'])
    t.same(
      others.map(({ upstream: id }) => id),
      ['b-late'],
    )
    t.same(await found(Number.MAX_SAFE_INTEGER, 10), ['a-early', 'b-late', 'later'])
  })
}
