import t from 'tap'
import { json, startHttp } from '../upstreams/loopback.ts'
import type { SeenRequest } from '../upstreams/loopback.ts'
import { official, reverse, startGateway } from './gateway.ts'
import type { Answer } from './gateway.ts'

/**
 * A vendor that is used nowhere else: everything is in an envelope, polls are POSTs, progress is "45%", the result is
 * JSON in a string, and a character is ready when its handle appears.
 */
const lumen = {
  name: 'lumen',
  auth: { header: 'X-Lumen-Key', value: 'lumen {{ key }}' },
  create: {
    path: '/api/render',
    body: { engine: '{{ model }}', spec: { text: '{{ prompt }}', seconds: '{{ to_string(seconds) }}' } },
    id: 'payload.job.ref',
    model: 'payload.job.engine',
  },
  poll: {
    method: 'POST',
    path: '/api/render/query',
    body: { ref: '{{ id }}' },
    status: 'payload.job.phase',
    words: { waiting: ['brewing'], completed: 'poured', failed: 'spilt' },
    progress: 'payload.job.done',
    model: 'payload.job.engine',
    failure: '{ code: payload.job.why, message: payload.job.words }',
    video: 'from_json(payload.job.output).files[0].href',
  },
  characters: {
    mention: '<<{{ handle }}>>',
    create: {
      path: '/api/cast',
      body: { film: '{{ clip.url }}', label: '{{ name }}' },
      id: 'payload.member.ref',
    },
    poll: {
      method: 'POST',
      path: '/api/cast/query',
      body: { ref: '{{ id }}' },
      handle: 'payload.member.handle',
    },
  },
  errors: [
    { code: 'E_FULL', is: 'rejected' },
    { says: 'not nice', is: 'refused' },
    { code: 'E_NO_ENGINE', is: 'model_gone' },
  ],
}

interface Order {
  engine: string
  spec: { text: string; seconds: string }
}

const ok = (payload: object): [number, unknown] => [200, { ok: 1, payload }]
const no = (code: string, message: string): [number, unknown] => [200, { ok: 0, error: { code, message } }]

/** The vendor itself; `clip` is where its films are. */
async function startLumen(clip: () => string) {
  const orders: Order[] = []
  const cast: object[] = []
  const polls = new Map<string, number>()
  const state = { engine: 'lumen-2', full: false, gone: false, phase: 'poured' }
  const times = (ref: string) => {
    const count = (polls.get(ref) ?? 0) + 1
    polls.set(ref, count)
    return count
  }
  const answer = ({ url, headers, body }: SeenRequest): [number, unknown] => {
    if (headers['x-lumen-key'] !== 'lumen reseller-key-0001')
      return [401, { ok: 0, fault: { code: 'E_KEY' } }]
    const asked = JSON.parse(body.toString())
    switch (url) {
      case '/api/render':
        if (state.full) return no('E_FULL', 'come back later')
        if (state.gone) return no('E_NO_ENGINE', 'this engine was taken away')
        if (asked.spec.text.includes('rude')) return no('E_TONE', 'that is not nice')
        orders.push(asked)
        return ok({ job: { ref: `r/${orders.length}`, engine: state.engine } })
      case '/api/render/query': {
        if (times(asked.ref) < 3) return ok({ job: { phase: 'brewing', done: '45%' } })
        const output = JSON.stringify({ files: [{ href: clip() }] })
        if (state.phase === 'poured') return ok({ job: { phase: 'poured', done: '100%', output } })
        return ok({ job: { phase: 'spilt', why: 'E_TONE', words: 'not nice, said the film' } })
      }
      case '/api/cast':
        cast.push(asked)
        return ok({ member: { ref: `m${cast.length}` } })
      case '/api/cast/query':
        return ok({ member: times(asked.ref) < 2 ? { handle: null } : { handle: `star-${asked.ref}` } })
      default:
        return [404, { ok: 0 }]
    }
  }
  const server = await startHttp(t, (request, response) => json(response, ...answer(request)))
  return { server, orders, cast, state }
}

let origin = ''
const vendor = await startLumen(() => `${origin}/clips/film.mp4?seconds=5&size=320x240`)
const gateway = await startGateway(t, {
  upstreams: [reverse, official],
  settings: {
    reseller: {
      dialect: lumen,
      base_url: `http://127.0.0.1:${vendor.server.port}`,
      models: { 'sora-2': 'lumen-2' },
      poll: { first_after_seconds: 0.05, every_seconds: 0.05 },
    },
  },
})
origin = gateway.simulator.origin

const routing = { upstreams: ['reseller', 'official'], priority: 'cost' }

function play(prompt: string): Promise<Answer['body']> {
  return gateway.generate({ prompt, duration: 5, routing })
}

async function lumenView() {
  const { body } = await gateway.call('GET', '/upstreams')
  return body.data.find(({ id }: { id: string }) => id === 'reseller')
}

t.test('a vendor known from the configuration alone renders with a character', async (t) => {
  const made = await gateway.call('POST', '/characters', {
    name: 'coffee_girl',
    description: 'a woman in a green apron',
    video_url: `${origin}/clips/girl.mp4?seconds=2&size=320x240`,
  })
  t.equal(made.status, 201)
  const generation = await play('@coffee_girl walks on the beach')
  t.match(generation, {
    status: 'completed',
    attempts: [{ upstream: 'reseller', state: 'succeeded', fidelity: 'native' }],
    warnings: { length: 0 },
  })
  t.equal(generation.attempts.length, 1)
  t.same(vendor.orders, [
    { engine: 'lumen-2', spec: { text: '<<star-m1>> walks on the beach', seconds: '5' } },
  ])
  t.match(vendor.cast, [{ film: /^http:\/\/127\.0\.0\.1/, label: 'coffee_girl' }])
  const again = await play('@coffee_girl sleeps')
  t.equal(again.status, 'completed')
  t.equal(vendor.cast.length, 1, 'and is made there once')

  const video = await gateway.call('GET', `/generations/${generation.id}/video`)
  t.equal(video.body.subarray(4, 8).toString(), 'ftyp', 'the film is in the archive')
  t.match(await lumenView(), { dialect: 'lumen', outages: [] })
})

t.test('its own words decide: overload goes elsewhere, a refusal does not', async (t) => {
  vendor.state.full = true
  const elsewhere = await play('a storm')
  vendor.state.full = false
  t.match(elsewhere, {
    status: 'completed',
    attempts: [{ upstream: 'reseller', failure: { code: 'overloaded' } }, { upstream: 'official' }],
  })
  const refused = await play('a rude storm')
  t.match(refused, { status: 'failed', error: { code: 'content_refused' } })
  t.equal(refused.attempts.length, 1)
  vendor.state.phase = 'spilt'
  const late = await play('a quiet storm')
  vendor.state.phase = 'poured'
  t.match(late, { status: 'failed', error: { code: 'content_refused' } })
})

t.test('a model that it swaps in silence is a warning', async (t) => {
  vendor.state.engine = 'lumen-1-mini'
  const generation = await play('a calm sea')
  vendor.state.engine = 'lumen-2'
  t.match(generation, {
    status: 'completed',
    warnings: [{ code: 'model_substituted', detail: /lumen-1-mini/ }],
  })
})

t.test('a model that is gone is left alone, with the reason and until when', async (t) => {
  vendor.state.gone = true
  const elsewhere = await play('a lighthouse')
  t.match(elsewhere, {
    status: 'completed',
    attempts: [{ upstream: 'reseller', failure: { code: 'upstream_down' } }, { upstream: 'official' }],
  })
  const { outages } = await lumenView()
  t.match(outages, [{ model: 'lumen-2', reason: /this engine was taken away/ }])
  t.ok(Date.parse(outages[0].until) >= gateway.now() + 800_000)

  vendor.state.gone = false
  const before = vendor.server.seen.length
  const meanwhile = await play('another lighthouse')
  t.match(meanwhile.attempts, [{ upstream: 'official' }])
  t.match(meanwhile.route.excluded, [{ upstream: 'reseller', code: 'breaker_open', detail: /taken away/ }])
  t.equal(vendor.server.seen.length, before, 'nothing was sent')

  await gateway.advance(900_000)
  t.match((await lumenView()).outages, [])
  t.match((await play('a third lighthouse')).attempts, [{ upstream: 'reseller', state: 'succeeded' }])
})
