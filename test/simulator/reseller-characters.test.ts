import t from 'tap'
import { client, form, official, stage, vendor } from './stage.ts'

/**
 * Characters at once (`sync`), by a job (`job`) and in the create, from docs/vendors/resellers.md#characters-at-once on, and
 * docs/vendors/failure-modes.md#characters.
 */

const clipOf = (origin: string) => `${origin}/clips/fox.mp4?seconds=3&size=64x36`

t.test('a synchronous creation answers id and username, and prompts may say either', async (t) => {
  const upstream = vendor('create-query', { characterPriceUsd: 0.01 })
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const url = clipOf(simulator.origin)
  const made = await ask('POST', '/sora/v1/characters', { url, timestamps: '1,3' })
  t.match(made, {
    status: 200,
    json: { id: /^ch_/, username: /^cameo\.[0-9a-f]{6}$/, display_name: 'cameo', permalink: /^https/ },
  })
  t.equal(simulator.control.bill().totalUsd, 0.01)
  const { id, username } = made.json
  const create = (prompt: string) =>
    ask('POST', '/v1/video/create', { model: 'sora-2', prompt, images: [], duration: 10 })
  t.equal((await create(`@${username} pours coffee, and @${id} looks on.`)).status, 200)
  t.match(simulator.control.renders(), [{ characters: [username, id] }])
  t.equal((await create('write to bob@example.com about @lunch')).status, 200)
  t.match(await create('@another.vendor walks'), {
    status: 400,
    json: { error: { code: 'cameo_not_found' } },
  })
  // Braces are how documentation is written: no vendor reads them.
  t.equal((await create(`@{${username}} walks`)).status, 200)
  t.same(simulator.control.renders().at(-1)?.characters, [])

  simulator.control.revokeCharacter(username)
  const revoked = await create(`@${username} walks`)
  t.match(revoked, { status: 400, json: { error: { code: 'cameo_permission_denied' } } })
})

t.test('an unknown handle is mere text to some vendors', async (t) => {
  const upstream = vendor('create-query', { unknownHandles: 'text' })
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const body = { model: 'sora-2', prompt: '@another.vendor walks', images: [], duration: 10 }
  t.equal((await ask('POST', '/v1/video/create', body)).status, 200)
})

t.test('model is required here, forbidden there, and one of two sources is wanted', async (t) => {
  const forbids = vendor('v2-generations')
  const requires = official({ id: 'laozhang', profile: 'new-api', characters: true })
  const simulator = await stage(t, [forbids, requires])
  const url = clipOf(simulator.origin)
  const post = (id: string, key: string, body: object) =>
    fetch(`${simulator.hostUrl(id)}/sora/v1/characters`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const named = { model: 'sora-2-character', url, timestamps: '1,3' }
  const at = [
    [forbids, named, 404],
    [forbids, { url, timestamps: '1,3' }, 200],
    [requires, { url, timestamps: '1,3' }, 400],
    [requires, named, 200],
    [requires, { ...named, from_task: 'task_1' }, 400],
    [requires, { model: 'sora-2-character', timestamps: '1,3' }, 400],
    [requires, { ...named, timestamps: '0,4' }, 400],
    [requires, { ...named, url: 'http://127.0.0.1:9/a.mp4' }, 400],
    [requires, { ...named, url: `${simulator.origin}/clips/forbidden.mp4?seconds=3&size=64x36` }, 400],
  ] as const
  for (const [{ id, apiKey }, body, status] of at) {
    const answer = await post(id, apiKey, body)
    t.equal(answer.status, status, `${id} ${JSON.stringify(body)}`)
    const text = await answer.text()
    if (status === 404) t.match(text, /channel not found/)
  }
})

t.test('a character is made from a finished task of the same vendor', async (t) => {
  const upstream = vendor('v2-generations')
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const { task_id: task } = (await ask('POST', '/v2/videos/generations', { prompt: 'a fox', duration: '10' }))
    .json
  const extract = () => ask('POST', '/sora/v1/characters', { from_task: task, timestamps: '1,3' })
  t.equal((await extract()).status, 400)
  simulator.control.finish(task)
  t.match((await extract()).json, { username: /^cameo/ })
  t.match(simulator.control.characters(), [{ source: { type: 'job', id: task } }])
})

t.test('a character as a job is unknown, or nameless, until its handle appears', async (t) => {
  const tuzi = official({
    id: 'tuzi',
    profile: 'new-api',
    characters: true,
    characterStyles: ['job'],
    idForm: 'colon',
    timestamps: 'milliseconds',
  })
  const kfcv = official({
    id: 'kfcv',
    profile: 'new-api',
    characters: true,
    characterStyles: ['job'],
    characterPending: 'null_handle',
  })
  const simulator = await stage(t, [tuzi, kfcv])
  const url = clipOf(simulator.origin)
  for (const upstream of [tuzi, kfcv]) {
    const ask = client(simulator, upstream)
    const video = await ask('POST', '/videos', { prompt: 'a fox', seconds: '4' })
    if (upstream === tuzi) {
      t.match(video.json.id, /^sora-2:task_/)
      t.ok(video.json.created_at > 1e12, 'milliseconds')
    }
    const made = await ask(
      'POST',
      '/videos',
      form([
        ['model', 'sora-2-character'],
        ['character_url', url],
        ['character_timestamps', '1,3'],
      ]),
    )
    t.match(made.json, { id: /^char_/, object: 'character', status: 'queued', username: null })
    const { id } = made.json
    const pending = await ask('GET', `/videos/${id}`)
    if (upstream === tuzi) t.equal(pending.status, 404)
    else t.match(pending.json, { status: 'queued', username: null })
    const ready = (await ask('GET', `/videos/${id}`)).json
    t.match(ready, { status: 'completed', username: /^cameo\./ })
    t.equal((await ask('POST', '/videos', { prompt: `@${ready.username} walks`, seconds: '4' })).status, 200)
    t.match(simulator.control.requests()[upstream.id], {
      create: 2,
      character_create: 1,
      character_read: 2,
      poll: 0,
    })
  }
})

t.test('a character job may fail, or never be ready', async (t) => {
  const upstream = official({
    profile: 'new-api',
    characters: true,
    characterStyles: ['job'],
    characterPending: 'null_handle',
  })
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const make = (clip: string) =>
    ask('POST', '/videos', {
      model: 'sora-2-character',
      character_url: `${simulator.origin}/clips/${clip}.mp4?seconds=3&size=64x36`,
      character_timestamps: '1,3',
    })
  const poll = async (id: string) => {
    for (let count = 0; count < 2; count += 1) await ask('GET', `/videos/${id}`)
    return (await ask('GET', `/videos/${id}`)).json
  }
  t.match(await poll((await make('forbidden-late')).json.id), {
    status: 'failed',
    username: null,
    error: { code: 'moderation_blocked' },
  })
  simulator.control.setFaults(upstream.id, [
    { kind: 'character_fails', message: 'No face was found.', times: 1 },
    { kind: 'character_stuck' },
  ])
  t.match(await poll((await make('fox')).json.id), {
    status: 'failed',
    error: { message: 'No face was found.' },
  })
  t.match(await poll((await make('fox')).json.id), { status: 'queued', username: null })
  t.match(simulator.control.characters(), [{ state: 'failed' }, { state: 'failed' }, { state: 'pending' }])
})

t.test('an OpenAI-style create carries a character inline', async (t) => {
  const upstream = official({ profile: 'new-api', characters: true, characterStyles: ['inline'] })
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const texts: [string, string][] = [
    ['prompt', 'a fox'],
    ['seconds', '4'],
    ['character_url', clipOf(simulator.origin)],
  ]
  t.equal((await ask('POST', '/videos', form(texts))).status, 400)
  const whole = form([...texts, ['character_timestamps', '1,3']])
  t.equal((await ask('POST', '/videos', whole)).status, 200)
  t.match(simulator.control.characters(), [{ id: /^ch_/, span: { start: 1, end: 3 } }])
})

t.test('a repeated creation under one idempotency key makes one character', async (t) => {
  const upstream = vendor('v2-generations', { idempotencyHeader: 'idempotency-key', characterPriceUsd: 0.5 })
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream, { 'idempotency-key': 'k' })
  const body = { url: clipOf(simulator.origin), timestamps: '1,3' }
  const first = await ask('POST', '/sora/v1/characters', body)
  const again = await ask('POST', '/sora/v1/characters', body)
  t.equal(again.json.id, first.json.id)
  t.equal(simulator.control.characters().length, 1)
  t.equal(simulator.control.bill().totalUsd, 0.5)
  t.equal((await ask('POST', '/sora/v1/characters', { ...body, timestamps: '0,2' })).status, 422)
})
