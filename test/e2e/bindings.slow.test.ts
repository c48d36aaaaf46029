import t from 'tap'
import type { Wrappers } from '../../src/gateway/wiring/container.ts'
import type { CharacterOutcome } from '../../src/gateway/domain/attempts/outcome.ts'
import type { CreateRequest, Upstream } from '../../src/gateway/ports/upstream.ts'
import { keys, official, reverse, startGateway } from './gateway.ts'
import type { Answer } from './gateway.ts'

const other = { authorization: `Bearer ${keys.other}` }

/** A vendor that makes characters as jobs: ready on the third look. */
const slow = { ...reverse, id: 'slow', apiKey: 'slow-key-00001' }
/** One that keeps none: clips travel with the create. */
const inline = {
  ...reverse,
  id: 'inline',
  apiKey: 'inline-key-001',
  dialect: 'openai-videos' as const,
  profile: 'new-api' as const,
}
/** Official, knows characters, and takes clips of 2 to 4 seconds. */
const cast = { ...official, id: 'cast', apiKey: 'cast-key-00001', characters: true }
/** Configured after everything else was made. */
const later = { ...reverse, id: 'later', apiKey: 'later-key-0001' }

const looks = { needed: 3, asked: 0, atOnce: 0, mostAtOnce: 0 }
const orders: CreateRequest[] = []

/** A vendor's own memory: it outlives the gateway. */
const jobs = new Map<string, { outcome: CharacterOutcome; looks: number }>()

function asJobs(upstream: Upstream): Upstream {
  return {
    ...upstream,
    async createCharacter(request) {
      const outcome = await upstream.createCharacter(request)
      if (outcome.type !== 'ready') return outcome
      const id = `job-${jobs.size}`
      jobs.set(id, { outcome, looks: 0 })
      return { type: 'pending', operation: { id }, retryAfterMs: 2000 }
    },
    async pollCharacter(operation) {
      looks.asked += 1
      looks.atOnce += 1
      looks.mostAtOnce = Math.max(looks.mostAtOnce, looks.atOnce)
      await new Promise((resolve) => setTimeout(resolve, 20))
      looks.atOnce -= 1
      const job = jobs.get(JSON.parse(JSON.stringify(operation)).id)
      if (job === undefined) return { type: 'invalid', message: 'no such character job' }
      job.looks += 1
      if (job.looks < looks.needed) return { type: 'pending', operation, retryAfterMs: 2000 }
      return job.outcome
    },
  }
}

function refusing(upstream: Upstream): Upstream {
  return {
    ...upstream,
    async createCharacter(request) {
      if (request.name.startsWith('real_person')) return { type: 'refused', message: 'a real person' }
      return upstream.createCharacter(request)
    },
  }
}

const wrap: Wrappers = {
  directory(directory) {
    const all = directory.all().map((upstream): Upstream => {
      if (upstream.spec.id === 'slow') return asJobs(upstream)
      if (upstream.spec.id === 'reseller') return refusing(upstream)
      if (upstream.spec.id !== 'inline') return upstream
      return {
        ...upstream,
        create(request) {
          orders.push(request)
          return upstream.create(request)
        },
      }
    })
    return {
      all: () => all,
      get: (id) => all.find(({ spec }) => spec.id === id),
      close: () => directory.close(),
      holderOf: (id, account) => directory.holderOf(id, account),
    }
  },
}

const upstreams = [reverse, slow, official, cast, inline, later]
/** No answer is taken for lost because the machine is busy. */
const patient = { timeouts: { connect_seconds: 10, create_seconds: 20 } }
const gateway = await startGateway(t, {
  upstreams,
  configured: upstreams.filter(({ id }) => id !== 'later'),
  wrap,
  settings: {
    reseller: { ...patient, max_prompt_characters: 200 },
    slow: patient,
    official: patient,
    cast: {
      ...patient,
      references: [],
      character_clip_seconds: { min: 2, max: 4 },
      max_prompt_characters: 60,
    },
    inline: {
      ...patient,
      profile: 'new-api',
      characters: 'inline',
      character_clip_seconds: { min: 1, max: 3 },
    },
    later: patient,
  },
})
const { control } = gateway.simulator

t.beforeEach(async () => {
  const { body } = await gateway.call('GET', '/characters?limit=100')
  for (const { id } of body.data) await gateway.call('DELETE', `/characters/${id}`)
  control.reset()
  orders.length = 0
  Object.assign(looks, { needed: 3, asked: 0, atOnce: 0, mostAtOnce: 0 })
})

function clipUrl(seconds = 2): string {
  return `${gateway.simulator.origin}/clips/girl.mp4?seconds=${seconds}&size=320x240`
}

async function make(body: object): Promise<Answer['body']> {
  const source = 'generation_id' in body ? {} : { video_url: clipUrl() }
  const described = { name: 'coffee_girl', description: 'a woman in a green apron' }
  const made = await gateway.call('POST', '/characters', { ...described, ...source, ...body })
  if (made.status !== 201) throw new Error(JSON.stringify(made.body))
  return made.body
}

function scene(prompt: string, ...ids: string[]) {
  return { prompt, duration: 5, routing: { upstreams: ids } }
}

function play(prompt: string, ...ids: string[]): Promise<Answer['body']> {
  return gateway.generate(scene(prompt, ...ids))
}

function states(generation: Answer['body']): string[] {
  return generation.attempts.map(({ upstream, state }: Record<string, string>) => `${upstream} ${state}`)
}

async function bindingOn(upstream: string, name = 'coffee_girl'): Promise<Answer['body']> {
  const { body } = await gateway.call('GET', `/characters/${name}`)
  return body.bindings.find((binding: { upstream: string }) => binding.upstream === upstream)
}

function bind(...ids: string[]): Promise<Answer> {
  return gateway.call('POST', '/characters/coffee_girl/bindings', { upstreams: ids })
}

/** How many times a vendor was asked to make a character. */
function creations(upstream: string): number {
  return control.requests()[upstream]?.character_create ?? 0
}

t.test(
  'one character of a reverse job plays natively on two vendors that make characters differently, and by reference on official',
  async (t) => {
    const first = await play('a woman waves', 'reseller')
    await make({ generation_id: first.id })
    const ids = ['reseller', 'slow', 'official']
    const accepted = await Promise.all(
      Array.from({ length: 50 }, async (_, take) => {
        const upstream = ids[take % ids.length] ?? ''
        const { body } = await gateway.call(
          'POST',
          '/generate',
          scene(`@coffee_girl, take ${take}`, upstream),
        )
        return { upstream, id: body.id }
      }),
    )
    for (const { upstream, id } of accepted) {
      const generation = await gateway.finished(id)
      t.same(states(generation), [`${upstream} succeeded`])
      t.match(generation.characters, [{ fidelity: upstream === 'official' ? 'reference' : 'native' }])
    }
    t.same(['reseller', 'slow', 'official'].map(creations), [1, 1, 0])
    const sources = control.characters().map(({ upstream, source }) => `${upstream} ${source.type}`)
    t.same(sources.toSorted(), ['reseller job', 'slow url'])
    t.equal(looks.asked, looks.needed, 'and the one under way was asked about by one of them at a time')
    t.equal(looks.mostAtOnce, 1)
  },
)

t.test('fifty generations that race for one vendor make one character there', async (t) => {
  await make({})
  control.setFaults('reseller', [{ kind: 'slow', delayMs: 150, on: ['character_create'] }])
  for (const upstream of ['reseller', 'slow']) {
    const accepted = await Promise.all(
      Array.from({ length: 50 }, (_, take) =>
        gateway.call('POST', '/generate', scene(`@coffee_girl, take ${take}`, upstream)),
      ),
    )
    for (const { body } of accepted) t.match(await gateway.finished(body.id), { status: 'completed' })
    t.equal(creations(upstream), 1)
    t.equal(control.renders(upstream).length, 50)
  }
})

t.test('a character that is revoked in the middle of a series is made anew once', async (t) => {
  for (const upstream of ['reseller', 'slow']) {
    const name = `girl_of_${upstream}`
    await make({ name })
    const series = async (takes: number[]) => {
      const accepted = await Promise.all(
        takes.map((take) => gateway.call('POST', '/generate', scene(`@${name}, take ${take}`, upstream))),
      )
      for (const { body } of accepted) {
        const generation = await gateway.finished(body.id)
        t.same(states(generation), [`${upstream} succeeded`])
        t.match(generation.characters, [{ fidelity: 'native' }])
      }
    }
    await series([1, 2, 3])
    const [theirs] = control.characters().filter((character) => character.name === name)
    control.revokeCharacter(theirs?.id ?? '')
    await series([4, 5, 6, 7, 8])
    t.equal(creations(upstream), 2)
    t.match(await bindingOn(upstream, name), { state: 'ready', orphans: 0 })
    t.not((await bindingOn(upstream, name)).handle, theirs?.id)
  }
})

t.test('a caller may have a character made before it is needed, and again when that failed', async (t) => {
  await make({})
  control.setFaults('reseller', [{ kind: 'billing', on: ['character_create'], times: 1 }])
  const first = await bind('reseller', 'slow')
  t.match(first, {
    status: 200,
    body: {
      bindings: [
        { upstream: 'reseller', state: 'failed', failure_code: 'upstream_down', orphans: 0 },
        { upstream: 'slow', state: 'pending', handle: null, failure: null },
      ],
    },
  })
  for (let second = 0; second < 10; second++) await gateway.advance(1000)
  t.match(
    await bindingOn('slow'),
    { state: 'ready', handle: /^char_/, clip: { start: 0 } },
    'it is followed up',
  )
  const again = await bind('reseller', 'slow')
  t.match(again.body.bindings, [{ state: 'ready', failure: null }, { state: 'ready' }])
  t.same(['reseller', 'slow'].map(creations), [2, 1])
  t.match(await bind('official'), { status: 400, body: { errors: [{ pointer: '/upstreams' }] } })
  t.match(await bind('inline'), { status: 400, body: { errors: [{ pointer: '/upstreams' }] } })
  t.same(states(await play('@coffee_girl waves', 'slow')), ['slow succeeded'])
})

t.test(
  'when the answer to making a character is lost, no generation makes another, and the orphan is reported',
  async (t) => {
    await make({})
    control.setFaults('reseller', [{ kind: 'reset', on: ['character_create'], accepted: true, times: 1 }])
    const accepted = await Promise.all(
      Array.from({ length: 5 }, (_, take) =>
        gateway.call('POST', '/generate', scene(`@coffee_girl, take ${take}`, 'reseller', 'official')),
      ),
    )
    for (const { body } of accepted)
      t.equal(states(await gateway.finished(body.id)).at(-1), 'official succeeded')
    const route = await gateway.call('POST', '/route', scene('@coffee_girl waves', 'reseller', 'official'))
    t.match(
      route.body.excluded.find(({ upstream }: { upstream: string }) => upstream === 'reseller'),
      { code: 'character_unsupported', detail: /not known/ },
    )
    const alone = await gateway.call('POST', '/generate', scene('@coffee_girl waves', 'reseller'))
    t.match(alone, { status: 422, body: { code: 'no_upstream' } })
    t.equal(creations('reseller'), 1)
    t.match(await bindingOn('reseller'), { state: 'failed', failure_code: 'outcome_unknown', orphans: 1 })

    const asked = await bind('reseller')
    t.match(asked.body.bindings, [{ state: 'ready', orphans: 1 }], 'a caller may ask for another')
    t.same(states(await play('@coffee_girl waves', 'reseller')), ['reseller succeeded'])
    t.equal(creations('reseller'), 2)
  },
)

t.test('after the hold a later generation makes the character anew by itself', async (t) => {
  await make({})
  control.setFaults('reseller', [{ kind: 'reset', on: ['character_create'], accepted: true, times: 1 }])
  t.same(states(await play('@coffee_girl waves', 'reseller')), ['reseller failed'])
  await gateway.advance(601_000)
  t.same(states(await play('@coffee_girl waves', 'reseller')), ['reseller succeeded'])
  t.match(await bindingOn('reseller'), { state: 'ready', orphans: 1 })
})

t.test('a refused character is a refusal for later generations too, and is not shopped around', async (t) => {
  await make({ name: 'real_person' })
  for (const take of [1, 2]) {
    const generation = await play(`@real_person, take ${take}`, 'reseller', 'official')
    t.match(generation, { status: 'failed', error: { code: 'content_refused' } })
    t.same(states(generation), ['reseller failed'])
  }
  t.match(await bindingOn('reseller', 'real_person'), { failure_code: 'refused', retry_at: null })
  t.equal(creations('reseller'), 0)
  const elsewhere = await play('@real_person waves', 'official')
  t.same(states(elsewhere), ['official succeeded'], 'a caller may name another upstream')
})

t.test('a clip that is longer than a vendor takes is cut for it, and the answer says so', async (t) => {
  const made = await make({ video_url: clipUrl(6) })
  const before = await gateway.files()
  const generation = await play('@coffee_girl waves', 'cast')
  t.same(states(generation), ['cast succeeded'])
  t.match(generation.warnings.at(-1), {
    code: 'character_clip_cut',
    detail: /cast knows @coffee_girl by the first 4 s of its clip of 6\.0 s/,
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
    t.match(generation.characters, [{ fidelity: 'native' }])
    t.match(generation.warnings, [{ code: 'character_clip_cut', detail: /first 3 s/ }])
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
    const thumbnail = await gateway.call('GET', `/characters/${named}/poster`)
    t.equal(thumbnail.status, 200)
    t.equal(thumbnail.headers.get('content-type'), 'image/webp')
    t.equal(thumbnail.body.subarray(8, 12).toString(), 'WEBP')
    const etag = thumbnail.headers.get('etag') ?? ''
    const same = await gateway.call('GET', `/characters/${named}/poster`, undefined, {
      'if-none-match': etag,
    })
    t.equal(same.status, 304)
  }
  t.same([clip.url, clip.poster_url], [`/characters/${id}/clip`, `/characters/${id}/poster`])
  for (const path of ['clip', 'poster'])
    t.equal((await gateway.call('GET', `/characters/${id}/${path}`, undefined, other)).status, 404)
})

t.test('the generations that used a character are found by it, also when it is gone', async (t) => {
  const { id } = await make({})
  await make({ name: 'old_man' })
  const both = await play('@coffee_girl meets @old_man', 'reseller')
  const one = await play('@coffee_girl leaves', 'reseller')
  await play('nobody is there', 'reseller')
  const found = async (query: string, headers = {}) => {
    const { status, body } = await gateway.call('GET', `/generations?${query}`, undefined, headers)
    return status === 200 ? body.data.map((generation: { id: string }) => generation.id) : status
  }
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
