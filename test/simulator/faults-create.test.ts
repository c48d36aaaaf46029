import t from 'tap'
import type { FaultInput } from '../../src/simulator/faults/fault.ts'
import { client, official, reseller, stage } from './stage.ts'

const boat = { prompt: 'a boat' }
const fox = { prompt: 'a fox', duration: 5 }

t.test('faults that answer before accepting give the vendor’s answer and leave no job', async (t) => {
  const upstream = official()
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const cases: [FaultInput, number, string | RegExp][] = [
    [{ kind: 'down' }, 503, 'server_error'],
    [{ kind: 'unauthorized' }, 401, 'invalid_api_key'],
    [{ kind: 'rate_limited' }, 429, 'rate_limit_exceeded'],
    [{ kind: 'rate_limited', reason: 'concurrency' }, 429, 'Too many running tasks'],
    [{ kind: 'overloaded' }, 429, 'under heavy load'],
    [{ kind: 'overloaded', wrapped: 'in_200' }, 200, 'processing_error'],
    [{ kind: 'overloaded', wrapped: 'in_502' }, 502, 'Provider returned 429: '],
    [{ kind: 'server_error' }, 500, 'server_error'],
    [{ kind: 'server_error', status: 520, body: 'html' }, 520, '<html>'],
    [{ kind: 'server_error', status: 504, body: 'empty' }, 504, /^$/],
    [{ kind: 'html' }, 200, '<!doctype html>'],
    [{ kind: 'no_id', accepted: false }, 200, /^{"object":"video","status":"queued"}$/],
    [{ kind: 'billing' }, 429, 'insufficient_quota'],
    [{ kind: 'billing', code: 'billing_hard_limit_reached' }, 400, 'billing_hard_limit_reached'],
    [{ kind: 'billing', code: 'insufficient_credits' }, 402, 'insufficient_credits'],
    [{ kind: 'model_gone' }, 404, 'model_not_found'],
    [{ kind: 'model_gone', variant: 'paused' }, 500, 'This interface is temporarily paused'],
    [{ kind: 'model_gone', variant: 'paused_in_200' }, 200, 'This interface is temporarily paused'],
    [{ kind: 'model_gone', variant: 'invalid_url' }, 404, 'Invalid URL (POST'],
    [{ kind: 'invalid_value', param: 'size' }, 400, '"param":"size","code":"invalid_value"'],
    [{ kind: 'character_invalid' }, 400, 'cameo_permission_denied'],
    [{ kind: 'character_invalid', code: 'cameo_not_found' }, 400, 'cameo_not_found'],
    [{ kind: 'refused' }, 400, 'moderation_blocked'],
    [{ kind: 'refused', code: 'prompt_unsafe', status: 451 }, 451, 'prompt_unsafe'],
  ]
  for (const [fault, status, words] of cases) {
    simulator.control.setFaults('official', [fault])
    const answer = await ask('POST', '/videos', boat)
    t.equal(answer.status, status, JSON.stringify(fault))
    t.match(answer.text, words)
    t.equal(answer.headers.get('retry-after'), null)
  }
  t.equal(simulator.control.renders().length, 0)
  simulator.control.clearFaults('official')
  t.equal((await ask('POST', '/videos', boat)).status, 200)
  t.equal(simulator.control.requests()['official']?.create, cases.length + 1)
})

t.test('a 429 may carry Retry-After', async (t) => {
  const upstream = reseller()
  const simulator = await stage(t, [upstream])
  simulator.control.setFaults('reseller', [{ kind: 'rate_limited', retryAfterSeconds: 7 }])
  const answer = await client(simulator, upstream)('POST', '/sora/generate', fox)
  t.match(answer, { status: 429, json: { error: { code: 'rate_limit_exceeded' } } })
  t.equal(answer.headers.get('retry-after'), '7')
})

t.test('connections that are cut or never answered before accepting leave no job', async (t) => {
  const upstream = reseller()
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const faults: FaultInput[] = [{ kind: 'down', answer: 'destroy' }, { kind: 'reset' }]
  for (const fault of faults) {
    simulator.control.setFaults('reseller', [fault])
    await t.rejects(ask('POST', '/sora/generate', fox), TypeError)
  }
  simulator.control.setFaults('reseller', [{ kind: 'hang' }])
  const signal = AbortSignal.timeout(200)
  const headers = { authorization: 'Bearer key-r', 'content-type': 'application/json' }
  await t.rejects(ask('POST', '/sora/generate', fox, { signal, headers }), { name: 'TimeoutError' })
  t.equal(simulator.control.renders().length, 0)
  t.equal(simulator.control.requests()['reseller']?.create, 3)
})

t.test('faults after accepting lose the answer, while the job exists, runs and is billed', async (t) => {
  for (const upstream of [reseller({ chargedOn: 'create' }), official({ chargedOn: 'create' })]) {
    const simulator = await stage(t, [upstream])
    const ask = client(simulator, upstream)
    const { id } = upstream
    const path = upstream.dialect === 'sora-tasks' ? '/sora/generate' : '/videos'
    const send = () => ask('POST', path, { ...fox, ...boat })

    simulator.control.setFaults(id, [{ kind: 'server_error', status: 502, accepted: true }])
    t.equal((await send()).status, 502)
    simulator.control.setFaults(id, [{ kind: 'no_id' }])
    t.match(await send(), { status: 200, json: { id: undefined, task_id: undefined } })
    simulator.control.setFaults(id, [{ kind: 'html', accepted: true }])
    t.match((await send()).text, /doctype/)
    simulator.control.setFaults(id, [{ kind: 'reset', accepted: true }])
    await t.rejects(send(), TypeError)
    simulator.control.setFaults(id, [{ kind: 'hang', accepted: true }])
    const signal = AbortSignal.timeout(200)
    const headers = { authorization: `Bearer ${upstream.apiKey}`, 'content-type': 'application/json' }
    await t.rejects(ask('POST', path, { ...fox, ...boat }, { signal, headers }), { name: 'TimeoutError' })

    t.equal(simulator.control.renders().length, 5)
    t.ok(simulator.control.bill().totalUsd > 0.5)
    simulator.control.clearFaults(id)
    const [lost] = simulator.control.renders()
    const poll = upstream.dialect === 'sora-tasks' ? `/sora/tasks/${lost?.id}` : `/videos/${lost?.id}`
    t.equal((await ask('GET', poll)).status, 200)
  }
})

t.test('a request that the vendor would refuse anyway uses up no fault of the accepted kind', async (t) => {
  const upstream = reseller()
  const simulator = await stage(t, [upstream])
  simulator.control.setFaults('reseller', [{ kind: 'server_error', accepted: true, times: 1 }])
  t.equal((await client(simulator, upstream)('POST', '/sora/generate', {})).status, 400)
  t.match(simulator.control.faults('reseller'), [{ hits: 0, spent: false }])
})

t.test('a slow upstream does the work and answers late', async (t) => {
  const upstream = reseller()
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  simulator.control.setFaults('reseller', [{ kind: 'slow', delayMs: 300, on: ['create'] }])
  const start = performance.now()
  const late = ask('POST', '/sora/generate', fox)
  while (simulator.control.renders().length === 0) await new Promise((resolve) => setImmediate(resolve))
  t.equal((await late).status, 200)
  t.ok(performance.now() - start >= 295)
})

t.test('a lost answer to making a character leaves the character behind', async (t) => {
  const upstream = reseller()
  const simulator = await stage(t, [upstream])
  const video_url = `${simulator.origin}/clips/fox.mp4?seconds=1&size=64x36`
  simulator.control.setFaults('reseller', [{ kind: 'reset', accepted: true, on: ['character_create'] }])
  const ask = client(simulator, upstream)
  await t.rejects(ask('POST', '/sora/characters', { video_url, name: 'fox' }), TypeError)
  t.match(simulator.control.characters(), [{ name: 'fox' }])
})
