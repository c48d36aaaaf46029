import t from 'tap'
import type { FaultInput } from '../../src/simulator/faults/fault.ts'
import { drivers } from './drivers.ts'
import { client, keyHeader, read, stage } from './stage.ts'

const upstreams = drivers.map(({ upstream }) => upstream)
const each = drivers.map((driver) => ({ driver, id: driver.upstream.id }))

t.test('a job runs, ends in the vendor’s word, is billed, and its video can be had', async (t) => {
  const simulator = await stage(t, upstreams)
  for (const { driver, id } of each) {
    const ask = client(simulator, driver.upstream)
    const created = await driver.create(ask, 'a fox by the sea')
    t.ok(created.status < 300, `${driver.name}: ${created.text}`)
    const job = driver.idOf(created)
    t.match(simulator.control.renders(id), [{ id: job, prompt: 'a fox by the sea', state: 'queued' }])
    const running = await driver.poll(ask, job)
    t.equal(driver.stateOf(running), driver.words.running, driver.name)
    const done = await driver.poll(ask, job)
    t.equal(driver.stateOf(done), driver.words.completed, driver.name)
    t.match(simulator.control.renders(id), [{ state: 'completed' }])
    t.ok((simulator.control.bill().upstreams[id]?.billedUsd ?? 0) > 0)
    if (driver.urlOf === null) continue
    const headers = keyHeader(driver.upstream)
    const file = await read(await fetch(String(driver.urlOf(done)), { headers }))
    t.equal(file.text.slice(4, 8), 'ftyp', driver.name)
  }
})

t.test('moderation refuses at create and at the end, in the vendor’s words', async (t) => {
  const simulator = await stage(t, upstreams)
  for (const { driver, id } of each) {
    const ask = client(simulator, driver.upstream)
    const refused = await driver.create(ask, 'something forbidden')
    // TensorRT-LLM's guardrail says nothing of itself (docs/vendors/self-hosted-servers.md#tensorrt-llm).
    const words =
      driver.name === 'trtllm'
        ? /Video generation failed/
        : /moderation|polic|real person|sensitive|inappropriate/i
    t.match(refused.text, words, driver.name)
    t.same(simulator.control.renders(id), [])
    const late = driver.idOf(await driver.create(ask, 'forbidden-late'))
    await driver.poll(ask, late)
    const ended = await driver.poll(ask, late)
    t.equal(driver.stateOf(ended), driver.words.failed, driver.name)
    if (driver.isSilent !== true) t.match(ended.text, words, driver.name)
  }
  t.equal(simulator.control.bill().totalUsd, 0)
})

t.test('overload is said in the vendor’s words, in a 429, in a 200 and quoted in a 502', async (t) => {
  const simulator = await stage(t, upstreams)
  const wraps = [
    ['in_429', 429],
    ['in_200', 200],
    ['in_502', 502],
  ] as const
  for (const { driver, id } of each) {
    const ask = client(simulator, driver.upstream)
    for (const [wrapped, status] of wraps) {
      simulator.control.setFaults(id, [{ kind: 'overloaded', wrapped }])
      const answer = await driver.create(ask, 'a fox')
      t.equal(answer.status, status, `${driver.name} ${wrapped}`)
      t.ok(answer.text.includes(driver.overload), `${driver.name}: ${answer.text}`)
    }
  }
  t.same(simulator.control.renders(), [])
})

const gone = [
  'not_found',
  'paused',
  'paused_in_200',
  'invalid_url',
  'deployment',
  'behind_relay',
  'no_channel',
] as const

t.test('every fault that answers before accepting leaves no job', async (t) => {
  const simulator = await stage(t, upstreams)
  const faults: FaultInput[] = [
    { kind: 'down' },
    { kind: 'unauthorized' },
    { kind: 'unauthorized', reason: 'organization' },
    { kind: 'rate_limited', retryAfterSeconds: 3 },
    { kind: 'rate_limited', reason: 'concurrency' },
    { kind: 'server_error' },
    { kind: 'server_error', status: 504, body: 'empty' },
    { kind: 'html' },
    { kind: 'no_id', accepted: false },
    { kind: 'odd_body', on: ['create'] },
    { kind: 'odd_body', body: 'cut', on: ['create'] },
    { kind: 'billing' },
    { kind: 'billing', code: 'billing_hard_limit_reached' },
    { kind: 'billing', code: 'insufficient_credits' },
    ...gone.map((variant): FaultInput => ({ kind: 'model_gone', variant })),
    { kind: 'invalid_value', param: 'size' },
    { kind: 'character_invalid' },
    { kind: 'character_invalid', code: 'cameo_not_found' },
    { kind: 'refused' },
    { kind: 'refused', status: 451, code: 'prompt_unsafe' },
  ]
  for (const { driver, id } of each) {
    const ask = client(simulator, driver.upstream)
    for (const fault of faults) {
      simulator.control.setFaults(id, [fault])
      const answer = await driver.create(ask, 'a fox')
      const isSuccess = answer.status < 300 && answer.json !== null
      const job = isSuccess ? attempt(() => driver.idOf(answer)) : undefined
      t.notOk(job, `${driver.name} ${JSON.stringify(fault)}: ${answer.status} ${answer.text}`)
    }
    t.equal(simulator.control.requests()[id]?.create, faults.length)
    simulator.control.setFaults(id, [{ kind: 'reset' }])
    await t.rejects(driver.create(ask, 'a fox'), TypeError)
  }
  t.same(simulator.control.renders(), [])
})

/** The id, or nothing where the answer has no place for one. */
function attempt(read: () => unknown): unknown {
  try {
    return read()
  } catch {
    return undefined
  }
}

t.test('every fault after accepting loses the answer of a job that exists and can be polled', async (t) => {
  const simulator = await stage(t, upstreams)
  for (const { driver, id } of each) {
    const ask = client(simulator, driver.upstream)
    simulator.control.setFaults(id, [{ kind: 'server_error', status: 502, accepted: true }])
    t.equal((await driver.create(ask, 'a fox')).status, 502)
    simulator.control.setFaults(id, [{ kind: 'no_id' }])
    const headless = await driver.create(ask, 'a fox')
    t.equal(headless.status, 200)
    t.notOk(
      attempt(() => driver.idOf(headless)),
      driver.name,
    )
    simulator.control.setFaults(id, [{ kind: 'reset', accepted: true }])
    await t.rejects(driver.create(ask, 'a fox'), TypeError)
    simulator.control.clearFaults(id)
    const jobs = simulator.control.renders(id)
    t.equal(jobs.length, 3, driver.name)
    t.equal(driver.stateOf(await driver.poll(ask, jobs[0]?.id ?? '')), driver.words.running, driver.name)
  }
})

t.test('jobs fail late, get stuck, vanish and come back, in the vendor’s form', async (t) => {
  const simulator = await stage(t, upstreams)
  for (const { driver, id } of each) {
    const ask = client(simulator, driver.upstream)
    simulator.control.setFaults(id, [{ kind: 'fails_late', message: 'The kiln is cold.', times: 1 }])
    const failing = driver.idOf(await driver.create(ask, 'a fox'))
    await driver.poll(ask, failing)
    const failed = await driver.poll(ask, failing)
    t.equal(driver.stateOf(failed), driver.words.failed, driver.name)
    // Some vendors tell codes alone.
    if (driver.isSilent !== true) t.match(failed.text, /The kiln is cold\.|processing_error/)

    simulator.control.setFaults(id, [{ kind: 'stuck', progress: 50, times: 1 }])
    const stuck = driver.idOf(await driver.create(ask, 'a fox'))
    for (let poll = 0; poll < 4; poll += 1)
      t.equal(driver.stateOf(await driver.poll(ask, stuck)), driver.words.running, driver.name)
    simulator.control.setFaults(id, [{ kind: 'vanished', times: 1 }])
    const gone = await driver.poll(ask, stuck)
    t.equal(gone.status, driver.unknown.status, driver.name)
    t.ok(gone.text.includes(driver.unknown.text), `${driver.name}: ${gone.text}`)
    const never = await driver.poll(ask, 'nobody')
    t.ok(never.text.includes(driver.unknown.text), `${driver.name}: ${never.text}`)
    simulator.control.finish(stuck)
    t.equal(driver.stateOf(await driver.poll(ask, stuck)), driver.words.completed, driver.name)
  }
})

t.test('polls come with unknown words, odd progress, odd bodies and without the URL', async (t) => {
  const simulator = await stage(t, upstreams)
  for (const { driver, id } of each) {
    const ask = client(simulator, driver.upstream)
    const job = driver.idOf(await driver.create(ask, 'a fox'))
    simulator.control.setFaults(id, [{ kind: 'odd_status' }])
    t.match((await driver.poll(ask, job)).text, /archiving/, driver.name)
    for (const body of ['error', 'empty', 'text', 'cut', 'list'] as const) {
      simulator.control.setFaults(id, [{ kind: 'odd_body', body }])
      const odd = await driver.poll(ask, job)
      t.equal(odd.status, 200, driver.name)
      t.not(
        attempt(() => driver.stateOf(odd)),
        driver.words.completed,
      )
    }
    simulator.control.setFaults(id, [{ kind: 'odd_progress', style: 'percent' }])
    t.equal((await driver.poll(ask, job)).status, 200, driver.name)
    if (driver.urlOf === null) continue
    simulator.control.setFaults(id, [{ kind: 'no_url', times: 1 }])
    const early = await driver.poll(ask, job)
    t.equal(driver.stateOf(early), driver.words.completed, driver.name)
    t.notOk(driver.urlOf(early), driver.name)
    t.ok(driver.urlOf(await driver.poll(ask, job)), driver.name)
  }
})

t.test('a finished video is cut off, delayed, gone, moved or no video at all', async (t) => {
  const simulator = await stage(t, upstreams)
  for (const { driver, id } of each) {
    const ask = client(simulator, driver.upstream)
    const job = driver.idOf(await driver.create(ask, 'a fox'))
    simulator.control.finish(job)
    const done = await driver.poll(ask, job)
    const second = async () => (await ask('GET', `/fal-ai/sora-2/requests/${job}`)).json.video.url
    const path = driver.urlOf === null ? driver.content?.(job) : undefined
    const shown =
      path === undefined ? (driver.urlOf?.(done) ?? (await second())) : `${simulator.baseUrl(id)}${path}`
    const get = async (fault: FaultInput) => {
      simulator.control.setFaults(id, [fault])
      const headers = keyHeader(driver.upstream)
      return read(await fetch(String(shown), { headers, redirect: 'manual' }))
    }
    t.equal((await get({ kind: 'slow', delayMs: 1 })).text.slice(4, 8), 'ftyp', driver.name)
    t.equal((await get({ kind: 'expired', status: 403 })).status, 403, driver.name)
    t.equal((await get({ kind: 'not_ready' })).status, 404, driver.name)
    t.match((await get({ kind: 'redirect' })).headers.get('location'), /\/files\/.*via=redirect/, driver.name)
    t.match((await get({ kind: 'wrong_type', body: 'html' })).text, /doctype/, driver.name)
    t.match(await get({ kind: 'wrong_type', body: 'json' }), { status: 200, text: /could not be read/ })
    await t.rejects(get({ kind: 'truncated' }), driver.name)
  }
})

t.test('a wrong key opens nothing', async (t) => {
  const simulator = await stage(t, upstreams)
  // SGLang asks for no key.
  for (const { driver, id } of each.filter(({ driver }) => driver.upstream.profile !== 'sglang')) {
    const ask = client(simulator, { ...driver.upstream, apiKey: 'another' })
    const answer = await driver.create(ask, 'a fox')
    t.ok(answer.status === 401 || /401|api ?key/i.test(answer.text), `${driver.name}: ${answer.text}`)
    t.same(simulator.control.renders(id), [])
  }
})

t.test('an upstream that honours an idempotency key makes one job of it', async (t) => {
  const honouring = drivers.map((driver) => ({
    ...driver,
    upstream: { ...driver.upstream, idempotencyHeader: 'Idempotency-Key', chargedOn: 'create' as const },
  }))
  const simulator = await stage(
    t,
    honouring.map(({ upstream }) => upstream),
  )
  for (const driver of honouring) {
    const { id } = driver.upstream
    simulator.control.setFaults(id, [{ kind: 'reset', accepted: true, times: 1 }])
    const send = (key: string, prompt = 'a fox') =>
      driver.create(client(simulator, driver.upstream, { 'idempotency-key': key }), prompt)
    await t.rejects(send('one'), TypeError)
    const again = await send('one')
    t.equal(driver.idOf(again), simulator.control.renders(id)[0]?.id, driver.name)
    t.equal(driver.idOf(await send('one')), driver.idOf(again))
    t.not(driver.idOf(await send('two')), driver.idOf(again))
    t.match((await send('one', 'another fox')).text, /idempotency/i, driver.name)
    t.equal(simulator.control.renders(id).length, 2, driver.name)
    t.equal(simulator.control.bill().upstreams[id]?.accepted, 2)
  }
})
