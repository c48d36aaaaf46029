import { StatementSync } from 'node:sqlite'
import t from 'tap'
import type { Test } from 'tap'
import { startVendorProxy } from '../fixtures/vendor-proxy.ts'
import { keys, reverse, startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'
import { isOnServer, queryStorage } from './test-storage.ts'

const prompt = 'a "paper" boat\nin the rain of Zürich, seen from below, with ten lanterns'
const scene = { prompt, duration: 10 }
const operator = { authorization: `Bearer ${keys.other}` }
const trusted = { authorization: `Bearer ${keys.bank}` }
const scopes = { other: { scopes: ['operate'] }, bank: { scopes: ['operate', 'operate_prompts'] } }
const long = { routing: { deadline_seconds: 3600 } }

async function start(t: Test) {
  const vendor = await startVendorProxy(t)
  const gateway = await startGateway(t, {
    upstreams: [reverse],
    keys: scopes,
    settings: { reseller: { base_url: vendor.url } },
  })
  vendor.forwardTo(gateway.simulator.baseUrl('reseller'))
  return { vendor, gateway }
}

async function exchangesOf(gateway: Gateway, id: string, headers = operator) {
  const { status, body } = await gateway.call('GET', `/generations/${id}/exchanges`, undefined, headers)
  if (status !== 200) throw new Error(JSON.stringify(body))
  return body.data
}

function pollsOf(exchanges: any[]): any[] {
  return exchanges.filter(({ operation }) => operation === 'poll')
}

async function submitted(gateway: Gateway): Promise<string> {
  const { body } = await gateway.call('POST', '/generate', { ...scene, ...long })
  await gateway.advance(0)
  return body.id
}

t.test(
  'what the upstream answered is kept: the create, then each poll that said something new',
  async (t) => {
    const { gateway } = await start(t)
    const { id } = await gateway.generate(scene)
    const [attempt, ...others] = await exchangesOf(gateway, id, trusted)
    t.same(others, [])
    t.match(attempt, { upstream: 'reseller', state: 'succeeded' })
    const [create, ...calls] = attempt.exchanges
    const polls = pollsOf(calls)
    t.match(calls.at(-1), { operation: 'fetch', body: null, status: 200 })
    t.match(create, {
      operation: 'create',
      method: 'POST',
      path: '/sora/generate',
      status: 200,
      ending: 'answered',
    })
    t.match(JSON.parse(create.request), { prompt, duration: 10 })
    t.match(JSON.parse(create.body), { task_id: attempt.upstream_id })
    t.match(create.headers, { 'content-type': /json/ })
    t.ok(polls.length >= 2)
    for (const poll of polls) t.match(poll, { operation: 'poll', method: 'GET', request: null, status: 200 })
    t.match(JSON.parse(polls.at(-1).body), { status: 'completed' })
    t.same(new Set(polls.map(({ body }: { body: string }) => body)).size, polls.length, 'each is another')
  },
)

t.test('it is for keys that operate, of any tenant, and for nobody else', async (t) => {
  const { gateway } = await start(t)
  const { id } = await gateway.generate(scene)
  const path = `/generations/${id}/exchanges`
  t.equal((await gateway.call('GET', path)).status, 403, 'nor for the tenant itself')
  t.equal((await gateway.call('GET', path, undefined, { authorization: 'Bearer nobody-at-all' })).status, 401)
  t.equal((await gateway.call('GET', path, undefined, operator)).status, 200)
  for (const other of [`/generations/${id}/video`, '/characters'])
    t.equal((await gateway.call('GET', other, undefined, operator)).status, 403, `${other} is no part of it`)
  const nowhere = await gateway.call(
    'GET',
    `/generations/gen_${'0'.repeat(26)}/exchanges`,
    undefined,
    operator,
  )
  t.equal(nowhere.status, 404)
})

t.test(
  'without the scope for prompts no prompt is told, in no form, nor an address of a video',
  async (t) => {
    const { vendor, gateway } = await start(t)
    const quoted = [
      prompt,
      JSON.stringify(prompt),
      encodeURIComponent(prompt),
      JSON.stringify(prompt).replaceAll('ü', '\\u00fc'),
      prompt.slice(0, 30),
      prompt.slice(-30),
    ]
    vendor.answerWith(({ method }, { status, body }) =>
      method === 'POST'
        ? null
        : {
            status,
            headers: { 'content-type': 'application/json', 'x-request-id': 'r-1', 'set-cookie': 'session=1' },
            body: JSON.stringify({ ...JSON.parse(body), quoted, again: JSON.stringify({ quoted }) }),
          },
    )
    const { id } = await gateway.generate(scene)
    const shown = JSON.stringify(await exchangesOf(gateway, id))
    for (const word of ['paper', 'boat', 'lanterns', 'rich, seen', 'session=1']) t.notMatch(shown, word)
    const [{ exchanges }] = await exchangesOf(gateway, id)
    t.match(JSON.parse(exchanges[0].request), { prompt: '[prompt]', duration: 10 })
    const last = JSON.parse(pollsOf(exchanges).at(-1).body)
    t.match(last, { status: 'completed', video_url: /^http:\/\/127\.0\.0\.1:\d+\/\[address\]$/ })
    t.match(pollsOf(exchanges).at(-1).headers, { 'x-request-id': 'r-1' })
    const [whole] = await exchangesOf(gateway, id, trusted)
    t.match(JSON.parse(pollsOf(whole.exchanges).at(-1).body).quoted, quoted)
  },
)

t.test('secrets are never kept, however an upstream quotes them', async (t) => {
  const { vendor, gateway } = await start(t)
  const { apiKey } = reverse
  const told = [
    apiKey,
    encodeURIComponent(apiKey),
    Buffer.from(apiKey).toString('base64'),
    Buffer.from(`me:${apiKey}`).toString('base64'),
    `Bearer ${apiKey}`,
  ]
  gateway.leaks.add(...told.slice(1, 4))
  vendor.answerWith(({ method }, { status, body }) => ({
    status,
    headers: { 'content-type': 'application/json', server: apiKey, 'x-request-id': apiKey },
    body: method === 'POST' ? body : JSON.stringify({ ...JSON.parse(body), told }),
  }))
  const { id } = await gateway.generate(scene)
  const shown = JSON.stringify(await exchangesOf(gateway, id, trusted))
  for (const each of told) t.notOk(shown.includes(each), each)
  t.match(shown, /\[key\]/)
  const stored = JSON.stringify(await queryStorage(gateway.directory, 'select doc from exchanges'))
  for (const each of told) t.notOk(stored.includes(each), `${each}, in the database`)
})

t.test(
  'an answer of a create that nobody can read is kept up to 256 KiB, and any other up to 16',
  async (t) => {
    const { vendor, gateway } = await start(t)
    const page = `<html>${'<p>just a moment</p>'.repeat(20_000)}`
    vendor.answerWith(({ method }, { body }) =>
      method === 'POST'
        ? { status: 502, headers: { 'content-type': 'text/html' }, body: page }
        : { status: 200, headers: { 'content-type': 'text/html' }, body: `${body}${page}` },
    )
    const id = await submitted(gateway)
    const [attempt] = await exchangesOf(gateway, id)
    t.match(attempt, { state: 'unknown', upstream_id: null })
    t.match(attempt.exchanges, [{ operation: 'create', status: 502, truncated: true }])
    t.equal(attempt.exchanges[0].body, page.slice(0, 256 * 1024))

    vendor.answerWith(({ method }, { status, body }) =>
      method === 'POST' ? null : { status, body: `${body}${' '.repeat(20_000)}` },
    )
    const other = await submitted(gateway)
    await gateway.advance(2000)
    const [read] = await exchangesOf(gateway, other)
    t.match(read.exchanges.at(-1), { operation: 'poll', truncated: true })
    t.equal(read.exchanges.at(-1).body.length, 16 * 1024)
  },
)

const inProcess = isOnServer && 'it counts the commits of SQLite in this process'

t.test(
  'polls that say the same are counted, and none of them adds a commit',
  { skip: inProcess },
  async (t) => {
    const { vendor, gateway } = await start(t)
    const waiting = { status: 200, body: JSON.stringify({ status: 'processing', progress: 1 }) }
    vendor.answerWith(({ method }) => (method === 'POST' ? null : waiting))
    const id = await submitted(gateway)
    await gateway.advance(2000)
    const commits = countCommits(t)
    for (let polls = 0; polls < 10; polls++) await gateway.advance(1000)
    const unchanged = commits()
    t.ok(unchanged >= 10, `${unchanged} commits of ten polls`)
    t.equal(vendor.calls.filter(({ method }) => method === 'GET').length, 11)
    const [same] = await exchangesOf(gateway, id)
    t.match(same.exchanges, [{ operation: 'create' }, { operation: 'poll', repeated: 10 }])

    let progress = 2
    vendor.answerWith(({ method }) =>
      method === 'POST'
        ? null
        : { ...waiting, body: JSON.stringify({ status: 'processing', progress: progress++ }) },
    )
    const before = commits()
    for (let polls = 0; polls < 10; polls++) await gateway.advance(1000)
    t.equal(commits() - before, unchanged, 'what changed is kept in the commit of the state')
    const [changed] = await exchangesOf(gateway, id)
    const counts = changed.exchanges.map(({ repeated }: { repeated: number }) => repeated)
    t.same(counts, [0, 10, ...Array.from({ length: 10 }, () => 0)])
  },
)

t.test('they are forgotten after their time, and with their generation', async (t) => {
  const { gateway } = await start(t)
  const { id } = await gateway.generate(scene)
  await gateway.advance(6.9 * 24 * 3600_000)
  await gateway.container.removeExpired()
  t.not((await exchangesOf(gateway, id))[0].exchanges.length, 0)
  await gateway.advance(0.2 * 24 * 3600_000)
  await gateway.container.removeExpired()
  t.same((await exchangesOf(gateway, id))[0].exchanges, [])
})

/** Counts the commits of this process from now on. */
function countCommits(t: Test): () => number {
  let commits = 0
  for (const name of ['run', 'all']) {
    const own: unknown = Reflect.get(StatementSync.prototype, name)
    if (typeof own !== 'function') throw new Error(`a statement has no ${name}`)
    const counted = new Proxy(own, {
      apply(target, statement, values) {
        if (statement instanceof StatementSync && statement.sourceSQL === 'commit') commits += 1
        return Reflect.apply(target, statement, values)
      },
    })
    Reflect.set(StatementSync.prototype, name, counted)
    t.teardown(() => void Reflect.set(StatementSync.prototype, name, own))
  }
  return () => commits
}
