import t from 'tap'
import { client, read, reseller, stage } from './stage.ts'

const fox = { prompt: 'a fox', duration: 5 }

async function remote(t: Parameters<typeof stage>[0]) {
  const upstream = reseller()
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const control = async (method: string, path: string, body?: unknown) => {
    const headers = { 'content-type': 'application/json' }
    const content = body === undefined ? {} : { headers, body: JSON.stringify(body) }
    return read(await fetch(`${simulator.origin}/control${path}`, { method, ...content }))
  }
  return { simulator, ask, control }
}

t.test('faults are set, added, listed and cleared by another process', async (t) => {
  const { ask, control, simulator } = await remote(t)
  const path = '/upstreams/reseller/faults'
  const set = await control('PUT', path, [{ kind: 'overloaded', times: 1 }])
  t.match(set, {
    status: 200,
    json: { faults: [{ fault: { kind: 'overloaded', wrapped: 'in_429' }, hits: 0 }] },
  })
  t.equal((await control('POST', path, { kind: 'html' })).json.faults.length, 2)
  t.equal((await ask('POST', '/sora/generate', fox)).status, 429)
  t.match((await control('GET', path)).json.faults, [
    { hits: 1, spent: true },
    { hits: 0, spent: false },
  ])
  t.equal((await control('DELETE', path)).status, 204)
  t.match((await control('GET', '/upstreams')).json.upstreams, [
    { id: 'reseller', kind: 'reverse', baseUrl: simulator.baseUrl('reseller'), faults: [] },
  ])
  t.notMatch((await control('GET', '/upstreams')).text, 'key-r')
})

t.test('jobs are ended, and renders, requests and the bill are read', async (t) => {
  const { ask, control } = await remote(t)
  const make = async () => (await ask('POST', '/sora/generate', fox)).json.task_id
  const [done, failed, refused] = [await make(), await make(), await make()]
  t.equal((await control('POST', `/jobs/${done}/finish`)).status, 204)
  t.equal((await control('POST', `/jobs/${failed}/fail`)).status, 204)
  t.equal((await control('POST', `/jobs/${refused}/fail`, { code: 'output_moderation' })).status, 204)
  t.match((await control('GET', '/renders?upstream=reseller')).json.renders, [
    { id: done, state: 'completed', billedUsd: 0.12 },
    { id: failed, state: 'failed', failure: { code: 'processing_error' } },
    { id: refused, state: 'failed', failure: { code: 'output_moderation' } },
  ])
  t.match((await control('GET', '/bill')).json, {
    totalUsd: 0.12,
    upstreams: { reseller: { accepted: 3, failed: 2 } },
  })
  t.equal((await control('GET', '/requests')).json.requests.reseller.create, 3)
  t.equal((await control('POST', `/jobs/${done}/finish`)).status, 409)
  t.equal((await control('POST', '/reset')).status, 204)
  t.same((await control('GET', '/renders')).json, { renders: [] })
})

t.test('characters are listed and revoked', async (t) => {
  const { ask, control, simulator } = await remote(t)
  const video_url = `${simulator.origin}/clips/fox.mp4?seconds=1&size=64x36`
  const { character_id: id } = (await ask('POST', '/sora/characters', { video_url, name: 'fox' })).json
  t.equal((await control('POST', `/characters/${id}/revoke`)).status, 204)
  t.match((await control('GET', '/characters')).json.characters, [
    { id, upstream: 'reseller', revoked: true },
  ])
})

t.test('mistakes are 400 or 404 with a code, and change nothing', async (t) => {
  const { control } = await remote(t)
  const path = '/upstreams/reseller/faults'
  const cases: [string, string, unknown, number, string][] = [
    ['PUT', path, [{ kind: 'downn' }], 400, 'body_invalid'],
    ['PUT', path, [{ kind: 'down', on: ['lunch'] }], 400, 'body_invalid'],
    ['PUT', path, [{ kind: 'truncated', on: ['poll'] }], 400, 'body_invalid'],
    ['PUT', path, { kind: 'down' }, 400, 'body_invalid'],
    ['PUT', '/upstreams/nobody/faults', [], 404, 'upstream_unknown'],
    ['GET', '/renders?upstream=nobody', undefined, 404, 'upstream_unknown'],
    ['POST', '/jobs/task_x/finish', undefined, 404, 'job_unknown'],
    ['POST', '/jobs/task_x/fail', { code: 3 }, 400, 'body_invalid'],
    ['POST', '/characters/char_x/revoke', undefined, 404, 'character_unknown'],
  ]
  for (const [method, where, body, status, code] of cases)
    t.match(await control(method, where, body), { status, json: { error: { code } } }, `${method} ${where}`)
  t.same((await control('GET', path)).json, { faults: [] })
})
