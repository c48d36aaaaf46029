import t from 'tap'
import { keys } from './gateway.ts'
import {
  looks,
  orders,
  upstreams,
  gateway,
  control,
  clipUrl,
  make,
  scene,
  play,
  states,
  bindingOn,
  creations,
} from './binding-stage.ts'

const other = { authorization: `Bearer ${keys.other}` }

t.test('a clip that is longer than a vendor takes is cut for it, and the answer says so', async (t) => {
  const made = await make({ video_url: clipUrl(6) })
  const before = await gateway.files()
  const generation = await play('@coffee_girl waves', 'cast')
  t.same(states(generation), ['cast succeeded'])
  t.match(generation.warnings.at(-1), {
    code: 'character_clip_cut',
    detail: /cast accepts only 4 s of a clip, so @coffee_girl is created from the first 4 of 6\.0 s/,
  })
  t.match(await bindingOn('cast'), { state: 'ready', clip: { start: 0, end: 4 } })
  const [theirs] = control.characters()
  t.match(theirs?.source, { type: 'upload' })
  t.not(theirs?.source.type === 'upload' && theirs.source.bytes, made.clip.bytes)
  const kept = (await gateway.files()).filter((name) => !before.includes(name))
  t.equal(kept.length, 1, 'the cut is not kept, only the new video')
  const again = await play('@coffee_girl waves again', 'cast')
  t.match(again.warnings.at(-1), { code: 'character_clip_cut' }, 'also of those that find it made')

  await make({ name: 'short', video_url: clipUrl(1) })
  const early = creations('cast')
  const failed = await play('@short waves', 'cast')
  t.match(failed, {
    status: 'failed',
    error: { code: 'character_unavailable', message: /The clip has 1\.0 s; cast .* at least 2 s/ },
  })
  t.equal(creations('cast'), early, 'the vendor is not even asked')
})

t.test('where a vendor keeps no characters the clip travels with every create', async (t) => {
  await make({ video_url: clipUrl(5) })
  for (const take of [1, 2]) {
    const generation = await play(`@coffee_girl, take ${take}`, 'inline')
    t.same(states(generation), ['inline succeeded'])
    t.match(generation.characters, [{ fidelity: 'inline' }])
    t.match(generation.warnings, [{ code: 'character_clip_cut', detail: /first 3 of 5/ }])
  }
  t.match(orders, [
    { characterHandles: [], inlineCharacters: [{ name: 'coffee_girl', span: { start: 0, end: 3 } }] },
    { prompt: '@coffee_girl , take 2' },
  ])
  const [order] = orders
  const { media } = { media: order?.inlineCharacters[0]?.clip }
  const response = await fetch(media?.url ?? '')
  t.match(response, { status: 200 })
  t.equal((await response.arrayBuffer()).byteLength, media?.bytes, 'by a link of ours or as bytes')
  t.equal(creations('inline'), 0)
  t.same((await gateway.call('GET', '/characters/coffee_girl')).body.bindings, [])
  await make({ name: 'old_man' })
  const two = await gateway.call('POST', '/generate', scene('@coffee_girl and @old_man', 'inline'))
  t.match(
    two.body.excluded.find(({ upstream }: { upstream: string }) => upstream === 'inline'),
    {
      code: 'character_unsupported',
    },
  )
  const removed = await gateway.files()
  await gateway.call('DELETE', '/characters/coffee_girl')
  t.equal((await gateway.files()).length, removed.length - 2, 'deleting it takes the clip and its cut')
})

t.test('a generation of a series stays where an earlier one was rendered', async (t) => {
  const first = await play('a lighthouse', 'official')
  const routing = { upstreams: ['reseller', 'official'], prefer_upstream_of: first.id }
  const body = { prompt: 'the lighthouse at night', duration: 5, routing }
  const route = await gateway.call('POST', '/route', body)
  t.match(route.body.candidates, [
    { upstream: 'official', reason: new RegExp(`^where ${first.id} is rendered, `) },
    { upstream: 'reseller' },
  ])
  const second = await gateway.generate(body)
  t.same(states(second), ['official succeeded'])
  t.match(second.route.candidates[0], { upstream: 'official' })

  control.setFaults('official', [{ kind: 'fails_late', times: 1 }])
  t.same(states(await gateway.generate(body)), ['official failed', 'reseller succeeded'], 'while it can')
  const elsewhere = { ...body, routing: { ...routing, upstreams: ['reseller'] } }
  t.same(states(await gateway.generate(elsewhere)), ['reseller succeeded'], 'where it may')

  for (const [id, headers] of [
    ['gen_01kasp3v5tq8c9d4wz7m2n6xhr', {}],
    [first.id, other],
  ] as const) {
    const asked = { ...body, routing: { ...routing, prefer_upstream_of: id } }
    for (const path of ['/generate', '/route']) {
      t.match(await gateway.call('POST', path, asked, headers), {
        status: 422,
        body: { code: 'generation_not_found', errors: [{ pointer: '/routing/prefer_upstream_of' }] },
      })
    }
  }
})

t.test('a prompt that is too long for an upstream is for another one, and is never cut', async (t) => {
  await make({ name: 'x' })
  const long = await gateway.call(
    'POST',
    '/route',
    scene(`a lighthouse, ${'far '.repeat(20)}`, 'cast', 'official'),
  )
  t.match(
    long.body.excluded.find(({ upstream }: { upstream: string }) => upstream === 'cast'),
    { code: 'prompt_too_long', detail: /takes prompts of 60 characters; .* has \d+/ },
  )
  t.same(
    long.body.candidates.map(({ upstream }: { upstream: string }) => upstream),
    ['official'],
  )
  const text = `@x walks ${'far '.repeat(47)}`
  t.ok(text.length < 200)
  const generation = await play(text, 'reseller', 'official')
  t.same(
    states(generation),
    ['reseller failed', 'official succeeded'],
    'their handle is longer than our name',
  )
  t.match(generation.attempts[0], {
    cost_usd: 0,
    prompt: null,
    failure: { code: 'invalid', fallback: true, message: /takes prompts of 200/ },
  })
  t.equal(control.requests()['reseller']?.create, 0)
})

t.test('a vendor that is configured later serves the characters there are', async (t) => {
  const rendered = await play('a woman waves', 'reseller')
  await make({ generation_id: rendered.id })
  await gateway.restart(0, upstreams)
  t.same(states(await play('@coffee_girl waves', 'later')), ['later succeeded'])
  t.equal(creations('later'), 1)
  await gateway.restart(
    0,
    upstreams.filter(({ id }) => id !== 'later'),
  )
})

t.test('what is under way at a vendor survives a restart, and is asked about, not made again', async (t) => {
  await make({})
  looks.needed = 2
  const { body } = await gateway.call('POST', '/generate', scene('@coffee_girl waves', 'slow'))
  await gateway.advance(0)
  t.match(await bindingOn('slow'), { state: 'pending' })
  await gateway.restart(5000)
  t.match(await bindingOn('slow'), { state: 'pending', orphans: 0 })
  t.match(await gateway.finished(body.id), { status: 'completed' })
  t.equal(creations('slow'), 1)
})

t.test('the clip of a character and its first frame are served to its tenant', async (t) => {
  const { id, clip } = await make({})
  for (const named of ['coffee_girl', id]) {
    const whole = await gateway.call('GET', `/characters/${named}/clip`)
    t.same([whole.status, whole.body.length], [200, clip.bytes])
    t.equal(whole.headers.get('etag'), `"${clip.sha256}"`)
    t.equal(whole.headers.get('cache-control')?.includes('immutable'), named === id)
    const part = await gateway.call('GET', `/characters/${named}/clip`, undefined, { range: 'bytes=0-9' })
    t.same([part.status, part.body.length], [206, 10])
    t.equal(
      (await gateway.call('HEAD', `/characters/${named}/clip`)).headers.get('content-length'),
      String(clip.bytes),
    )
    const thumbnail = await gateway.call('GET', `/characters/${named}/thumbnail`)
    t.equal(thumbnail.status, 200)
    t.equal(thumbnail.headers.get('content-type'), 'image/webp')
    t.equal(thumbnail.body.subarray(8, 12).toString(), 'WEBP')
    const etag = thumbnail.headers.get('etag') ?? ''
    const same = await gateway.call('GET', `/characters/${named}/thumbnail`, undefined, {
      'if-none-match': etag,
    })
    t.equal(same.status, 304)
  }
  t.same([clip.url, clip.thumbnail_url], [`/characters/${id}/clip`, `/characters/${id}/thumbnail`])
  t.equal(clip.poster_url, `/characters/${id}/poster`)
  const [thumbnail, poster] = await Promise.all([
    gateway.call('GET', clip.thumbnail_url),
    gateway.call('GET', clip.poster_url),
  ])
  t.ok(thumbnail.body.equals(poster.body), 'the deprecated path serves the same picture')
  for (const path of ['clip', 'thumbnail', 'poster'])
    t.equal((await gateway.call('GET', `/characters/${id}/${path}`, undefined, other)).status, 404)
})

const found = async (query: string, headers = {}) => {
  const { status, body } = await gateway.call('GET', `/generations?${query}`, undefined, headers)
  return status === 200 ? body.data.map((generation: { id: string }) => generation.id) : status
}

t.test('the generations that used a character are found by it, also when it is gone', async (t) => {
  const { id } = await make({})
  await make({ name: 'old_man' })
  const both = await play('@coffee_girl meets @old_man', 'reseller')
  const one = await play('@coffee_girl leaves', 'reseller')
  await play('nobody is there', 'reseller')
  t.same(await found('character=coffee_girl'), [one.id, both.id])
  t.same(await found(`character=${id}`), [one.id, both.id])
  t.same(await found('character=old_man'), [both.id])
  t.same(await found('character=old_man&status=failed'), [])
  t.same(await found(`character=coffee_girl&cursor=${one.id}`), [both.id])
  await gateway.call('PATCH', '/characters/coffee_girl', { name: 'tea_girl' })
  t.same(await found('character=tea_girl'), [one.id, both.id])
  t.equal(await found('character=coffee_girl'), 404)
  t.equal(await found('character=Coffee%20Girl'), 400)
  t.same(await found(`character=${id}`, other), [])
  await gateway.call('DELETE', '/characters/tea_girl')
  t.same(await found(`character=${id}`), [one.id, both.id])
  await gateway.call('DELETE', `/generations/${one.id}`)
  t.same(await found(`character=${id}`), [both.id])
})
