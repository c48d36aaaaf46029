import type { Test } from 'tap'
import type { CharacterStore } from '../../src/ports/character-store.ts'
import { aCharacter, characterId, generationId, START } from '../fixtures/generation.ts'

type Make = (t: Test) => Promise<CharacterStore>

/** What every CharacterStore guarantees. `make` opens an empty store and closes it when the test ends. */
export function characterStoreContract(t: Test, make: Make): void {
  registry(t, make)
  lists(t, make)
  claims(t, make)
  settlements(t, make)
}

function registry(t: Test, make: Make): void {
  t.test('a character is read back exactly as it was inserted, by id and by name', async (t) => {
    const store = await make(t)
    const sources = [
      aCharacter({ name: 'one' }),
      aCharacter({ name: 'two', source: { type: 'upload', fileName: 'clip "1".mp4' } }),
      aCharacter({ name: 'three', source: { type: 'generation', generationId: generationId(7) } }),
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

  t.test('a removed character is gone with its bindings, and its name is free', async (t) => {
    const store = await make(t)
    const character = aCharacter()
    await store.insert(character)
    const claim = { characterId: character.id, upstream: 'reseller-a', owner: 'w', now: START }
    await store.claimBinding({ ...claim, leaseUntil: START + 1000 })
    await store.remove(character.id)
    t.equal(await store.get(character.id), null)
    t.same(await store.bindings(character.id), [])
    t.equal(await store.settleBinding({ ...claim, result: { state: 'released' } }), false)
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

const upstream = 'reseller-a'

async function setUp(t: Test, make: Make) {
  const store = await make(t)
  const character = aCharacter()
  await store.insert(character)
  const characterId = character.id
  const claim = (owner: string, now = START) =>
    store.claimBinding({ characterId, upstream, owner, now, leaseUntil: now + 1000 })
  const ready = (owner: string, handle = 'vendor.handle', now = START) =>
    store.settleBinding({
      characterId,
      upstream,
      owner,
      now,
      result: { state: 'ready', handle, operation: { id: ['x', 1] } },
    })
  return { store, characterId, claim, ready }
}

function claims(t: Test, make: Make): void {
  t.test('of many concurrent claims of one binding exactly one is granted', async (t) => {
    const { claim } = await setUp(t, make)
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, n) => claim(`worker-${n}`)))
    t.equal(outcomes.filter(({ type }) => type === 'claimed').length, 1)
    t.same(
      outcomes.filter(({ type }) => type !== 'claimed'),
      Array.from({ length: 19 }, () => ({ type: 'busy', until: START + 1000 })),
    )
  })

  t.test('the holder of a claim cannot take it twice', async (t) => {
    const { claim } = await setUp(t, make)
    t.same(await claim('worker-1'), { type: 'claimed' })
    t.same(await claim('worker-1'), { type: 'busy', until: START + 1000 })
  })

  t.test('a claim is per upstream', async (t) => {
    const { store, characterId, claim } = await setUp(t, make)
    await claim('worker-1')
    const elsewhere = { characterId, upstream: 'reseller-b', owner: 'w', now: START, leaseUntil: START + 1 }
    t.same(await store.claimBinding(elsewhere), { type: 'claimed' })
    const bindings = await store.bindings(characterId)
    t.same(
      bindings.map((binding) => [binding.upstream, binding.state]),
      [
        ['reseller-a', 'pending'],
        ['reseller-b', 'pending'],
      ],
    )
  })

  t.test('an expired claim is taken over, and its first holder can no longer settle it', async (t) => {
    const { store, characterId, claim, ready } = await setUp(t, make)
    await claim('worker-1')
    t.equal((await claim('worker-2', START + 999)).type, 'busy')
    t.same(await claim('worker-2', START + 1000), { type: 'claimed' })
    t.equal(await ready('worker-1', 'too late'), false)
    t.equal(await ready('worker-2', 'in time'), true)
    t.equal((await store.bindings(characterId))[0]?.handle, 'in time')
  })

  t.test('a claim that has expired but was not taken over is still settled', async (t) => {
    const { claim, ready } = await setUp(t, make)
    await claim('worker-1')
    t.equal(await ready('worker-1', 'vendor.handle', START + 5000), true)
  })

  t.test('a claim on a character that does not exist is an error', async (t) => {
    const store = await make(t)
    const claim = { characterId: characterId(1), upstream, owner: 'w', now: START, leaseUntil: START + 1 }
    await t.rejects(store.claimBinding(claim))
  })
}

function settlements(t: Test, make: Make): void {
  t.test('a ready binding is answered with its handle, as it was settled', async (t) => {
    const { store, characterId, claim, ready } = await setUp(t, make)
    await claim('worker-1')
    t.equal(await ready('worker-1', 'vendor.handle', START + 7), true)
    const binding = {
      characterId,
      upstream,
      state: 'ready' as const,
      handle: 'vendor.handle',
      operation: { id: ['x', 1] },
      failure: null,
      updatedAt: START + 7,
    }
    t.strictSame(await claim('worker-2', START + 99_999), { type: 'ready', binding })
    t.strictSame(await store.bindings(characterId), [binding])
    t.equal(await ready('worker-1', 'again'), false)
  })

  t.test('a definite failure is kept and is not tried again', async (t) => {
    const { store, characterId, claim } = await setUp(t, make)
    await claim('worker-1')
    const result = { state: 'failed' as const, failure: 'a real person' }
    t.equal(
      await store.settleBinding({ characterId, upstream, owner: 'worker-1', now: START + 7, result }),
      true,
    )
    const claimed = await claim('worker-2', START + 99_999)
    t.match(claimed, { type: 'failed', binding: { state: 'failed', failure: 'a real person', handle: null } })
  })

  t.test('a claim that is given back can be taken at once', async (t) => {
    const { store, characterId, claim } = await setUp(t, make)
    await claim('worker-1')
    const release = { characterId, upstream, now: START, result: { state: 'released' as const } }
    t.equal(await store.settleBinding({ ...release, owner: 'worker-2' }), false)
    t.equal(await store.settleBinding({ ...release, owner: 'worker-1' }), true)
    t.same(await claim('worker-2'), { type: 'claimed' })
  })

  t.test('a revoked binding can be claimed and made again', async (t) => {
    const { store, characterId, claim, ready } = await setUp(t, make)
    await claim('worker-1')
    await ready('worker-1', 'old')
    await store.revokeBinding(characterId, upstream, 'old', START + 9)
    const [revoked] = await store.bindings(characterId)
    t.match(revoked, { state: 'revoked', updatedAt: START + 9 })
    await store.revokeBinding(characterId, upstream, 'old', START + 10)
    t.match(await store.bindings(characterId), [{ updatedAt: START + 9 }])
    t.same(await claim('worker-2'), { type: 'claimed' })
    t.equal((await claim('worker-3')).type, 'busy')
    t.equal(await ready('worker-2', 'new'), true)
    t.match(await claim('worker-3'), { type: 'ready', binding: { handle: 'new' } })
  })

  t.test('a binding that was made again meanwhile is not revoked', async (t) => {
    const { store, characterId, claim, ready } = await setUp(t, make)
    await claim('worker-1')
    await ready('worker-1', 'new')
    await store.revokeBinding(characterId, upstream, 'old', START + 9)
    t.equal((await claim('worker-2')).type, 'ready')
  })

  t.test('a binding under way is not revoked', async (t) => {
    const { store, characterId, claim } = await setUp(t, make)
    await claim('worker-1')
    await store.revokeBinding(characterId, upstream, 'old', START + 9)
    t.equal((await claim('worker-2')).type, 'busy')
  })
}
