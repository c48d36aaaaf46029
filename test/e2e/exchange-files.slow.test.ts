import t from 'tap'
import type { Test } from 'tap'
import type { FaultInput } from '../../src/simulator/faults/fault.ts'
import type { SimulatedUpstream } from '../../src/simulator/simulator.ts'
import { startVendorProxy } from '../fixtures/vendor-proxy.ts'
import { keys, official, reverse, startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'

const operator = { authorization: `Bearer ${keys.other}` }
const trusted = { authorization: `Bearer ${keys.bank}` }
const scopes = { other: { scopes: ['operate'] }, bank: { scopes: ['operate', 'operate_prompts'] } }

async function start(t: Test, upstream: SimulatedUpstream, settings: object = {}): Promise<Gateway> {
  return await startGateway(t, {
    upstreams: [upstream],
    keys: scopes,
    settings: { [upstream.id]: settings },
  })
}

async function exchangesOf(gateway: Gateway, id: string, headers = trusted) {
  const { status, body } = await gateway.call('GET', `/generations/${id}/exchanges`, undefined, headers)
  if (status !== 200) throw new Error(JSON.stringify(body))
  return body.data[0].exchanges
}

const of = (operation: string, exchanges: { operation: string }[]): any[] =>
  exchanges.filter((each) => each.operation === operation)

for (const upstream of [official, reverse]) {
  t.test(`${upstream.id}: that a video was fetched is kept, and how much, without the video`, async (t) => {
    const gateway = await start(t, upstream)
    const { id, video } = await gateway.generate({ prompt: 'a paper boat in the rain', duration: 8 })
    const exchanges = await exchangesOf(gateway, id)
    const [fetched, ...others] = of('fetch', exchanges)
    t.same(others, [])
    t.equal(fetched, exchanges.at(-1), 'after what was asked before it')
    t.match(fetched, { method: 'GET', ending: 'answered', reason: null, status: 200, truncated: false })
    t.match(fetched, { request: null, body: null, bytes: video.bytes, repeated: 0 })
    t.match(fetched.headers, { 'content-type': 'video/mp4', 'content-length': String(video.bytes) })
    if (upstream === official) t.match(fetched.path, /^\/videos\/[^/]+\/content/)
    else t.match(fetched.path, /^http:\/\/127\.0\.0\.1:\d+\/.+/)
    const [masked] = of('fetch', await exchangesOf(gateway, id, operator))
    if (upstream === reverse) t.match(masked.path, /^http:\/\/127\.0\.0\.1:\d+\/\[address\]$/)
  })
}

const failing: { fault: FaultInput; kept: object }[] = [
  {
    fault: { kind: 'server_error', on: ['content'] },
    kept: { ending: 'answered', status: 500, body: /error/, bytes: null },
  },
  {
    fault: { kind: 'wrong_type', body: 'html' },
    kept: { ending: 'answered', status: 200, body: /<html/i, truncated: true },
  },
  {
    fault: { kind: 'truncated', keep: 0.5 },
    kept: {
      ending: 'no_answer',
      status: 200,
      body: null,
      reason: /interrupted after \d+ bytes/,
      truncated: true,
    },
  },
  {
    fault: { kind: 'reset', on: ['content'] },
    kept: { ending: 'no_answer', status: null, body: null, bytes: null, reason: /could not be fetched/ },
  },
]

for (const { fault, kept } of failing) {
  t.test(`of a download that failed is kept what came: ${fault.kind}`, async (t) => {
    const gateway = await start(t, official)
    gateway.simulator.control.addFault('official', { ...fault, times: 1 })
    const { id } = await gateway.generate({ prompt: 'a paper boat in the rain', duration: 8 })
    const fetches = of('fetch', await exchangesOf(gateway, id))
    t.equal(fetches.length, 2)
    t.match(fetches[0], kept)
    t.match(fetches[1], { status: 200, bytes: Number })
  })
}

t.test('of a video at another host that is gone, its status and headers are kept', async (t) => {
  const vendor = await startVendorProxy(t)
  const gateway = await start(t, reverse, { base_url: vendor.url })
  vendor.forwardTo(gateway.simulator.baseUrl('reseller'))
  gateway.simulator.control.addFault('reseller', { kind: 'expired', status: 403, times: 1 })
  const { id } = await gateway.generate({ prompt: 'a paper boat in the rain', duration: 10 })
  const [gone] = of('fetch', await exchangesOf(gateway, id))
  t.match(gone, {
    ending: 'answered',
    status: 403,
    body: null,
    bytes: null,
    headers: { 'content-type': String },
  })
})

const description = 'a barista in a green linen apron with a silver brooch'

async function withCharacter(gateway: Gateway): Promise<string> {
  const video = `${gateway.simulator.origin}/clips/girl.mp4?seconds=2&size=320x240`
  await gateway.call('POST', '/characters', { name: 'maria', description, video_url: video })
  const { id } = await gateway.generate({ prompt: '@maria waves', duration: 8 })
  return id
}

t.test('the calls that make the character of an attempt are kept with it', async (t) => {
  const gateway = await start(t, reverse)
  const id = await withCharacter(gateway)
  const exchanges = await exchangesOf(gateway, id)
  t.equal(exchanges[0].operation, 'character', 'before the create')
  const made = of('character', exchanges)
  t.match(made, [{ method: 'POST', ending: 'answered', status: 200 }])
  t.match(made[0].request, /maria/)
  const file = new RegExp(String.raw`${gateway.address}[^"]*media`)
  t.notMatch(JSON.stringify(made), file, 'no address that opens the clip')
  const again = await gateway.generate({ prompt: '@maria sings', duration: 10 })
  t.same(of('character', await exchangesOf(gateway, again.id)), [], 'it was not made again')
})

t.test(
  'so are the polls of one that takes its time, and who may not see prompts sees no description',
  async (t) => {
    const upstream: SimulatedUpstream = {
      ...official,
      profile: 'new-api',
      characters: true,
      characterStyles: ['job'],
      characterPending: 'null_handle',
      characterRender: { polls: 3 },
    }
    const settings = {
      traits: { encoding: 'json', reference_as: 'url', characters: 'job', inline_characters: false },
    }
    const gateway = await start(t, upstream, settings)
    const id = await withCharacter(gateway)
    const exchanges = await exchangesOf(gateway, id)
    t.equal(of('character', exchanges).length, 1)
    const polls = of('character_poll', exchanges)
    const asked = polls.reduce((sum, { repeated }) => sum + 1 + repeated, 0)
    t.ok(asked >= 3, `${asked} polls`)
    for (const poll of polls) t.match(poll, { method: 'GET', status: 200 })
    const shown = JSON.stringify(await exchangesOf(gateway, id, operator))
    for (const word of ['apron', 'brooch', 'waves']) t.notMatch(shown, word)
  },
)
