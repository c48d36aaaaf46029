import { createHash } from 'node:crypto'
import t from 'tap'
import { aClip } from '../fixtures/clips.ts'
import {
  other,
  bank,
  description,
  gateway,
  control,
  clipUrl,
  make,
  known,
  scene,
  play,
  states,
} from './character-stage.ts'

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

t.test(
  'a character made from a URL keeps the clip in the archive and is found by id, name and words',
  async (t) => {
    const bytes = Buffer.from(await (await fetch(clipUrl())).arrayBuffer())
    const body = { name: 'coffee_girl', description, video_url: clipUrl() }
    const made = await gateway.call('POST', '/characters', body)
    t.equal(made.status, 201)
    t.equal(made.headers.get('location'), `/characters/${made.body.id}`)
    t.match(made.body, {
      object: 'character',
      name: 'coffee_girl',
      description,
      source: { type: 'url', url: clipUrl() },
      clip: {
        content_type: 'video/mp4',
        bytes: bytes.length,
        sha256: sha256(bytes),
        width: 320,
        height: 240,
      },
    })
    t.same(made.body.bindings, [])
    t.ok(Math.abs(made.body.clip.duration - 2) < 0.2)
    t.same((await gateway.call('GET', '/characters/coffee_girl')).body, made.body)
    t.same((await gateway.call('GET', `/characters/${made.body.id}`)).body, made.body)
    const { expected: _expected, ...listed } = made.body
    t.same((await gateway.call('GET', '/characters?search=GREEN')).body.data, [listed])
    t.same((await gateway.call('GET', '/characters?search=red')).body.data, [])
  },
)

t.test('a character made from an upload keeps the file, and of a clip span only that part', async (t) => {
  const bytes = await aClip({ seconds: 4, width: 320, height: 240 })
  const form = new FormData()
  form.set('name', 'whole')
  form.set('video', new Blob([new Uint8Array(bytes)], { type: 'video/mp4' }), 'walk.mp4')
  const whole = await gateway.call('POST', '/characters', form)
  t.match(whole, {
    status: 201,
    body: { source: { type: 'upload', file_name: 'walk.mp4' }, clip: { sha256: sha256(bytes) } },
  })

  form.set('name', 'part')
  form.set('clip', JSON.stringify({ start: 1, end: 3 }))
  const part = await gateway.call('POST', '/characters', form)
  t.match(part, { status: 201, body: { clip: { width: 320, height: 240, content_type: 'video/mp4' } } })
  t.ok(Math.abs(part.body.clip.duration - 2) < 0.3, `${part.body.clip.duration} s`)

  form.set('name', 'beyond')
  form.set('clip', JSON.stringify({ start: 3, end: 9 }))
  const beyond = await gateway.call('POST', '/characters', form)
  t.match(beyond, { status: 400, body: { code: 'validation_failed', errors: [{ pointer: '/clip' }] } })
})

t.test(
  '@name and @char_… mean one character, whom the reverse upstream knows by an id of its own',
  async (t) => {
    const made = await make({ name: 'coffee_girl' })
    const prompts = ['@coffee_girl waves, @Coffee_Girl leaves', `@${made.id} waves`, 'a\\@b, @coffee_girl']
    for (const prompt of prompts) {
      const generation = await play(prompt)
      t.same(states(generation), ['reseller succeeded'])
      t.same(generation.characters, [{ id: made.id, name: 'coffee_girl', fidelity: 'native' }])
      t.equal(generation.prompt, prompt)
    }
    const [theirs] = known('coffee_girl')
    const renders = control.renders('reseller').map(({ prompt, characters }) => ({ prompt, characters }))
    t.same(
      renders,
      [`@${theirs?.id} waves, @${theirs?.id} leaves`, `@${theirs?.id} waves`, `a@ b, @${theirs?.id}`].map(
        (prompt) => ({ prompt, characters: [theirs?.id] }),
      ),
    )
    t.equal(known('coffee_girl').length, 1)
    t.match((await gateway.call('GET', '/characters/coffee_girl')).body.bindings, [
      { upstream: 'reseller', state: 'ready', handle: theirs?.id, failure: null },
    ])
  },
)

t.test('several characters play in one scene, each under its own id', async (t) => {
  await make({ name: 'coffee_girl' })
  await make({ name: 'old_man', description: 'a man with a cane', video_url: clipUrl('man') })
  const generation = await play('@old_man greets @coffee_girl')
  t.match(generation, {
    status: 'completed',
    characters: [
      { name: 'old_man', fidelity: 'native' },
      { name: 'coffee_girl', fidelity: 'native' },
    ],
  })
  t.same(generation.warnings, [])
  const ids = ['old_man', 'coffee_girl'].map((name) => known(name)[0]?.id)
  t.match(control.renders('reseller'), [{ prompt: `@${ids[0]} greets @${ids[1]}`, characters: ids }])
})

t.test('an upstream that takes a name and a list of ids is given both, and the clip itself', async (t) => {
  const made = await make({ name: 'coffee_girl' })
  const generation = await play('@coffee_girl waves', { upstreams: ['cast'] })
  t.match(generation, { status: 'completed', characters: [{ fidelity: 'native' }] })
  const [theirs] = known('coffee_girl')
  t.match(theirs?.source, { type: 'upload', bytes: made.clip.bytes })
  t.match(control.renders('cast'), [{ prompt: 'coffee_girl waves', characters: [theirs?.id] }])
})

t.test('a character is made once on an upstream, however many generations race for it', async (t) => {
  await make({ name: 'coffee_girl' })
  control.setFaults('reseller', [{ kind: 'slow', delayMs: 200, on: ['character_create'] }])
  const accepted = await Promise.all(
    Array.from({ length: 20 }, (_, take) =>
      gateway.call('POST', '/generate', scene(`@coffee_girl, take ${take}`)),
    ),
  )
  for (const { body } of accepted) t.match(await gateway.finished(body.id), { status: 'completed' })
  t.equal(known('coffee_girl').length, 1)
  t.equal(control.requests()['reseller']?.character_create, 1)
  t.equal(control.renders('reseller').length, 20)
})

t.test(
  'a character of a generation is taken from its job where that was rendered, elsewhere from the clip',
  async (t) => {
    for (const upstream of ['reseller', 'official']) {
      const rendered = await play('a woman waves', { upstreams: [upstream] })
      const name = `girl_of_${upstream}`
      t.match(await make({ name, generation_id: rendered.id }), {
        source: { type: 'generation', generation_id: rendered.id },
        clip: { sha256: rendered.video.sha256 },
      })
      t.same(states(await play(`@${name} leaves`)), ['reseller succeeded'])
      const job = { type: 'job', id: rendered.attempts[0].upstream_id }
      t.match(known(name)[0]?.source, upstream === 'reseller' ? job : { type: 'url' })
    }
  },
)

t.test('a part of a generation is never taken for the whole of its job', async (t) => {
  const rendered = await play('two people')
  const { clip } = await make({ name: 'second', generation_id: rendered.id, clip: { start: 1, end: 3 } })
  t.ok(Math.abs(clip.duration - 2) < 0.3, `${clip.duration} s`)
  await play('@second leaves')
  t.match(known('second')[0]?.source, { type: 'url' })
})

t.test('a generation without a video, or of another tenant, makes no character', async (t) => {
  const { body: queued } = await gateway.call('POST', '/generate', scene('not yet'))
  const early = await gateway.call('POST', '/characters', { name: 'early', generation_id: queued.id })
  t.match(early, { status: 409, body: { code: 'video_not_ready', errors: [{ pointer: '/generation_id' }] } })
  const theirs = await play('theirs', {}, other)
  const foreign = await gateway.call('POST', '/characters', { name: 'foreign', generation_id: theirs.id })
  t.match(foreign, { status: 404, body: { code: 'not_found', errors: [{ pointer: '/generation_id' }] } })
  t.same((await gateway.call('GET', '/characters')).body.data, [])
})

t.test('a character outlives the generation it came from', async (t) => {
  const rendered = await play('a woman waves')
  await make({ name: 'coffee_girl', generation_id: rendered.id })
  t.equal((await gateway.call('DELETE', `/generations/${rendered.id}`)).status, 204)
  t.same(states(await play('@coffee_girl leaves')), ['reseller succeeded'])
  t.match(known('coffee_girl')[0]?.source, { type: 'url' })
})

t.test('a rename or a new description does not change a generation that was accepted before', async (t) => {
  const made = await make({ name: 'coffee_girl' })
  const body = scene('@coffee_girl waves', { upstreams: ['official'] })
  const accepted = await gateway.call('POST', '/generate', body)
  const change = { name: 'tea_girl', description: 'a woman in red' }
  const renamed = await gateway.call('PATCH', '/characters/coffee_girl', change)
  t.match(renamed, { status: 200, body: { id: made.id, ...change } })
  t.equal((await gateway.call('GET', '/characters/coffee_girl')).status, 404)

  const generation = await gateway.finished(accepted.body.id)
  t.match(generation, { status: 'completed', characters: [{ id: made.id, name: 'coffee_girl' }] })
  t.match(control.renders()[0]?.prompt, /^coffee girl .*green apron.* waves$/)
  await make({ name: 'coffee_girl' })
  const later = await play('@tea_girl meets @coffee_girl')
  t.match(later.characters, [{ id: made.id, name: 'tea_girl' }, { name: 'coffee_girl' }])
})

t.test('a name belongs to one character of a tenant, and other tenants may use it too', async (t) => {
  const mine = await make({ name: 'coffee_girl' })
  await make({ name: 'old_man' })
  const again = { name: 'coffee_girl', video_url: clipUrl() }
  const taken = { status: 409, body: { code: 'name_taken', errors: [{ pointer: '/name' }] } }
  t.match(await gateway.call('POST', '/characters', again), taken)
  t.match(await gateway.call('PATCH', '/characters/old_man', { name: 'coffee_girl' }), taken)
  const racing = { ...again, name: 'wanted' }
  const race = await Promise.all(Array.from({ length: 5 }, () => gateway.call('POST', '/characters', racing)))
  t.equal(race.filter(({ status }) => status === 201).length, 1)
  for (const answer of race) if (answer.status !== 201) t.match(answer, taken)

  const theirs = await make({ name: 'coffee_girl' }, other)
  t.not(theirs.id, mine.id)
  t.equal((await gateway.call('GET', `/characters/${mine.id}`, undefined, other)).status, 404)
  t.equal((await gateway.call('DELETE', `/characters/${mine.id}`, undefined, other)).status, 404)
  const stolen = await gateway.call('POST', '/generate', scene(`@${mine.id} waves`), other)
  t.match(stolen, { status: 422, body: { code: 'character_not_found' } })
  for (const headers of [{}, other]) await play('@coffee_girl waves', {}, headers)
  const played = control.renders('reseller').map(({ characters }) => characters[0])
  t.same(new Set(played).size, 2, 'each tenant plays its own')
})

t.test('a deleted character is gone, its clip too, and its name is free again', async (t) => {
  const before = await gateway.files()
  const made = await make({ name: 'coffee_girl' })
  t.equal((await gateway.files()).length, before.length + 1)
  const accepted = await gateway.call('POST', '/generate', scene('@coffee_girl waves'))
  t.equal((await gateway.call('DELETE', '/characters/coffee_girl')).status, 204)
  t.same(await gateway.files(), before)
  t.equal((await gateway.call('DELETE', '/characters/coffee_girl')).status, 404)
  t.equal((await gateway.call('GET', `/characters/${made.id}`)).status, 404)
  t.same((await gateway.call('GET', '/characters')).body.data, [])
  const orphan = await gateway.finished(accepted.body.id)
  t.match(orphan, { status: 'failed', error: { code: 'character_unavailable' } })
  t.same(control.renders(), [])
  t.not((await make({ name: 'coffee_girl' })).id, made.id)
})

t.test('characters are listed newest first, page by page', async (t) => {
  for (const name of ['one', 'two', 'three']) {
    await make({ name })
    await gateway.advance(10)
  }
  const first = await gateway.call('GET', '/characters?limit=2')
  t.match(first.body, { data: [{ name: 'three' }, { name: 'two' }], has_more: true })
  const rest = await gateway.call('GET', `/characters?limit=2&cursor=${first.body.next_cursor}`)
  t.match(rest.body, { data: [{ name: 'one' }], has_more: false, next_cursor: null })
})

t.test('a character is bound ahead of its first scene, and never where the key may not go', async (t) => {
  await make({ name: 'coffee_girl' })
  const path = '/characters/coffee_girl/bindings'
  const bound = await gateway.call('POST', path)
  t.match(bound, { status: 200, body: { bindings: [{ upstream: 'cast' }, { upstream: 'reseller' }] } })
  for (const { upstream, state, handle } of bound.body.bindings) {
    const theirs = known('coffee_girl').find((character) => character.upstream === upstream)
    t.same({ state, handle }, { state: 'ready', handle: theirs?.id })
  }
  const again = await gateway.call('POST', path, { upstreams: ['reseller'] })
  t.same(again.body.bindings, bound.body.bindings)
  t.match(bound.body.bindings, [
    { kind: 'official', asked_by: 'studio', creations: 1 },
    { kind: 'reverse', asked_by: 'studio', creations: 1 },
  ])
  t.match((await gateway.call('GET', '/characters/coffee_girl')).body.expected, [
    { upstream: 'reseller', kind: 'reverse', fidelity: 'native', reason: null },
    { upstream: 'official', kind: 'official', fidelity: 'reference' },
    { upstream: 'cast', kind: 'official', fidelity: 'native' },
  ])
  await play('@coffee_girl waves')
  t.equal(control.requests()['reseller']?.character_create, 1)

  const unfit = await gateway.call('POST', path, { upstreams: ['official'] })
  t.match(unfit, { status: 400, body: { code: 'validation_failed', errors: [{ pointer: '/upstreams' }] } })
  await make({ name: 'teller' }, bank)
  const floor = await gateway.call('POST', '/characters/teller/bindings', undefined, bank)
  t.match(floor.body.bindings, [{ upstream: 'cast' }])
  t.match((await gateway.call('GET', '/characters/teller', undefined, bank)).body.expected, [
    { upstream: 'reseller', fidelity: null, reason: 'This key may not use reverse upstreams.' },
    { upstream: 'official', fidelity: 'reference' },
    { upstream: 'cast', fidelity: 'native' },
  ])
  t.equal((await gateway.call('GET', '/characters', undefined, bank)).body.data[0].expected, undefined)
  const named = await gateway.call('POST', '/characters/teller/bindings', { upstreams: ['reseller'] }, bank)
  t.match(named, { status: 400, body: { code: 'validation_failed' } })
  t.same(
    known('teller').map(({ upstream }) => upstream),
    ['cast'],
  )
})

t.test('no tenant reaches the character of another by writing its handle', async (t) => {
  await make({ name: 'coffee_girl' })
  await play('@coffee_girl waves')
  const [theirs] = known('coffee_girl')
  const handle = String(theirs?.id)
  const generation = await play(`a sign says \\@${handle}`, {}, other)
  t.equal(generation.status, 'completed')
  t.match(control.renders('reseller').at(-1), { prompt: `a sign says @ ${handle}`, characters: [] })
  for (const before of ['-', '_', '+', '%', 'a', '9', '\\＠ \\', 'a＠ a']) {
    await play(`x ${before}@${handle}`, {}, other)
    const sent = control.renders('reseller').at(-1)
    t.notMatch(sent?.prompt, /[@＠﹫][^ ]/, before)
    t.same(sent?.characters, [], before)
  }
  await make({ name: 'sneaky', description: `with -@${handle}`, video_url: clipUrl('sneak') }, other)
  const routing = { upstreams: ['reseller'] }
  await play('@sneaky waves', routing, other)
  t.notMatch(control.renders('reseller').at(-1)?.prompt, new RegExp(`@${handle}`))
})

t.test(
  'a character has a name of any script, and is found by it whatever form it is written in',
  async (t) => {
    const { id } = await make({ name: '咖啡女孩' })
    const { body: found } = await gateway.call('GET', `/characters/${encodeURIComponent('咖啡女孩')}`)
    t.match(found, { id, name: '咖啡女孩' })
    const played = await play('@咖啡女孩 在海邊散步')
    t.match(played.characters, [{ id, name: '咖啡女孩', fidelity: 'native' }])
    t.equal((await make({ name: 'ｃａｆｅ\u0301' })).name, 'café', 'compatibility forms are one name')
    const again = await gateway.call('POST', '/characters', { name: 'café', video_url: clipUrl() })
    t.match(again, { status: 409, body: { code: 'name_taken' } })
    t.match((await play('＠Café waves')).characters, [{ name: 'café' }])
  },
)

t.test('a mention that names nobody is an error in every script, and says what was meant', async (t) => {
  for (const name of ['咖啡女孩', 'coffee_girl']) await make({ name })
  const rows: Array<[string, string]> = [
    ['@咖啡女孩在海邊散步', '; did you mean @咖啡女孩, with a space after it?'],
    ['＠cofee_girl waves', '; did you mean @coffee_girl?'],
    ['@Девушка waves', ''],
    ['@é waves', ''],
  ]
  for (const [prompt, hint] of rows) {
    const { status, body } = await gateway.call('POST', '/generate', scene(prompt))
    t.match({ status, code: body.code }, { status: 422, code: 'character_not_found' }, prompt)
    t.ok(
      body.errors[0].detail.includes(`does not exist, or belongs to another tenant${hint};`),
      body.errors[0].detail,
    )
  }
  t.same(control.renders('reseller'), [], 'nothing was bought')
})
