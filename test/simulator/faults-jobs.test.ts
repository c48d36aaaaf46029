import t from 'tap'
import type { FaultInput } from '../../src/simulator/faults/fault.ts'
import { client, official, reseller, stage } from './stage.ts'

const boat = { prompt: 'a boat' }
const fox = { prompt: 'a fox', duration: 5 }

t.test('a job that is to fail late is accepted, runs, fails with the code and costs nothing', async (t) => {
  const cases: [FaultInput, string][] = [
    [{ kind: 'fails_late' }, 'processing_error'],
    [{ kind: 'fails_late', code: 'server_error' }, 'server_error'],
    [{ kind: 'refused_late' }, 'moderation_blocked'],
    [{ kind: 'refused_late', code: 'output_moderation' }, 'output_moderation'],
  ]
  const upstream = official()
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  for (const [fault, code] of cases) {
    simulator.control.setFaults('official', [fault])
    const { id } = (await ask('POST', '/videos', boat)).json
    t.equal((await ask('GET', `/videos/${id}`)).json.status, 'in_progress')
    t.match(await ask('GET', `/videos/${id}`), { status: 200, json: { status: 'failed', error: { code } } })
    t.equal((await ask('GET', `/videos/${id}/content`)).status, 404)
  }
  t.match(simulator.control.bill(), { totalUsd: 0, upstreams: { official: { accepted: 4, failed: 4 } } })
})

t.test('a stuck job stays where it is until it is told to finish', async (t) => {
  const upstream = reseller()
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  simulator.control.setFaults('reseller', [{ kind: 'stuck', times: 1 }])
  const { task_id: id } = (await ask('POST', '/sora/generate', fox)).json
  await ask('GET', `/sora/tasks/${id}`)
  for (let poll = 0; poll < 3; poll += 1)
    t.same((await ask('GET', `/sora/tasks/${id}`)).json, { status: 'processing', progress: 99 })
  simulator.control.finish(id)
  t.match((await ask('GET', `/sora/tasks/${id}`)).json, { status: 'completed', progress: 100 })

  const next = (await ask('POST', '/sora/generate', fox)).json.task_id
  await ask('GET', `/sora/tasks/${next}`)
  t.equal((await ask('GET', `/sora/tasks/${next}`)).json.status, 'completed')
})

t.test('a vanished job is unknown for so many polls, or for ever', async (t) => {
  const upstreams = [official(), reseller()]
  const simulator = await stage(t, upstreams)
  const ask = client(simulator, upstreams[0]!)
  const { id } = (await ask('POST', '/videos', boat)).json
  simulator.control.setFaults('official', [{ kind: 'vanished', after: 1, times: 2 }])
  const statuses: number[] = []
  for (let poll = 0; poll < 4; poll += 1) statuses.push((await ask('GET', `/videos/${id}`)).status)
  t.same(statuses, [200, 404, 404, 200])

  const askReseller = client(simulator, upstreams[1]!)
  const { task_id: task } = (await askReseller('POST', '/sora/generate', fox)).json
  simulator.control.setFaults('reseller', [{ kind: 'vanished' }])
  for (let poll = 0; poll < 3; poll += 1)
    t.match(await askReseller('GET', `/sora/tasks/${task}`), {
      status: 404,
      json: { code: 'task_not_exist' },
    })
})

t.test('polls can be answered with anything, and do not bring the job further then', async (t) => {
  const upstream = reseller({ render: { polls: 1 } })
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const { task_id: id } = (await ask('POST', '/sora/generate', fox)).json
  const cases: [FaultInput, number, string][] = [
    [{ kind: 'html', on: ['poll'] }, 200, 'doctype'],
    [{ kind: 'server_error', on: ['poll'], status: 503 }, 503, 'server_error'],
    [{ kind: 'rate_limited', on: ['poll'], retryAfterSeconds: 1 }, 429, 'rate_limit'],
    [{ kind: 'unauthorized', on: ['poll'] }, 401, 'invalid_api_key'],
    [{ kind: 'overloaded', on: ['poll'], wrapped: 'in_200' }, 200, 'do_response_failed'],
  ]
  for (const [fault, status, words] of cases) {
    simulator.control.setFaults('reseller', [fault])
    const answer = await ask('GET', `/sora/tasks/${id}`)
    t.equal(answer.status, status)
    t.match(answer.text, words)
  }
  simulator.control.setFaults('reseller', [{ kind: 'reset', on: ['poll'] }])
  await t.rejects(ask('GET', `/sora/tasks/${id}`), TypeError)
  t.match(simulator.control.renders(), [{ state: 'queued' }])
  simulator.control.clearFaults('reseller')
  t.equal((await ask('GET', `/sora/tasks/${id}`)).json.status, 'completed')
})

t.test('progress comes in odd shapes, and status in unknown words', async (t) => {
  const upstream = official({ render: { polls: 10 } })
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const { id } = (await ask('POST', '/videos', boat)).json
  const poll = async (fault: FaultInput) => {
    simulator.control.setFaults('official', [fault])
    return (await ask('GET', `/videos/${id}`)).json
  }
  t.equal((await poll({ kind: 'odd_progress', style: 'float' })).progress, 10.37)
  t.equal((await poll({ kind: 'odd_progress', style: 'fraction' })).progress, 0.2)
  t.equal((await poll({ kind: 'odd_progress', style: 'percent' })).progress, '30%')
  t.equal((await poll({ kind: 'odd_progress', style: 'regress' })).progress, 10)
  t.equal((await poll({ kind: 'odd_progress', style: 'regress' })).progress, 50)
  t.equal('progress' in (await poll({ kind: 'odd_progress', style: 'missing' })), false)
  t.equal((await poll({ kind: 'odd_status' })).status, 'archiving')
  t.equal((await poll({ kind: 'odd_status', word: 'expired' })).status, 'expired')
})

t.test('a completed task may have no URL for a while', async (t) => {
  const upstream = reseller({ render: { polls: 1 } })
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const { task_id: id } = (await ask('POST', '/sora/generate', fox)).json
  simulator.control.setFaults('reseller', [{ kind: 'no_url', times: 1 }])
  t.same((await ask('GET', `/sora/tasks/${id}`)).json, { status: 'completed', progress: 100 })
  t.match((await ask('GET', `/sora/tasks/${id}`)).json, { video_url: /^http/ })
})
