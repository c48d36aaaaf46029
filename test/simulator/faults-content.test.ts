import t from 'tap'
import type { FaultInput } from '../../src/simulator/faults/fault.ts'
import { client, official, read, reseller, stage } from './stage.ts'

async function finished(t: Tap) {
  const upstreams = [official(), reseller()]
  const simulator = await stage(t, upstreams)
  const ask = client(simulator, upstreams[0]!)
  const askReseller = client(simulator, upstreams[1]!)
  const { id } = (await ask('POST', '/videos', { prompt: 'a boat' })).json
  const { task_id: task } = (await askReseller('POST', '/sora/generate', { prompt: 'x', duration: 5 })).json
  simulator.control.finish(id)
  simulator.control.finish(task)
  const url: string = (await askReseller('GET', `/sora/tasks/${task}`)).json.video_url
  return {
    simulator,
    content: (init: RequestInit = {}) => ask('GET', `/videos/${id}/content`, undefined, init),
    file: async () => read(await fetch(url)),
    setFaults: (fault: FaultInput) =>
      ['official', 'reseller'].forEach((up) => simulator.control.setFaults(up, [fault])),
  }
}
type Tap = Parameters<typeof stage>[0]

t.test('content is not there, expired or something else, for either way of fetching it', async (t) => {
  const { simulator, content, file, setFaults } = await finished(t)
  const cases: [FaultInput, number, string, string][] = [
    [{ kind: 'not_ready' }, 404, 'application/json', 'Video is not ready yet'],
    [{ kind: 'expired' }, 404, 'application/json', 'expired'],
    [{ kind: 'expired', status: 403 }, 403, 'application/json', 'expired'],
    [{ kind: 'wrong_type' }, 200, 'text/html', 'doctype'],
    [{ kind: 'wrong_type', body: 'json' }, 200, 'application/json', 'could not be read'],
    [{ kind: 'server_error', on: ['content'] }, 500, 'application/json', 'server_error'],
  ]
  for (const [fault, status, type, words] of cases) {
    setFaults(fault)
    for (const answer of [await content(), await file()]) {
      t.equal(answer.status, status, JSON.stringify(fault))
      t.ok(answer.headers.get('content-type')?.startsWith(type))
      t.match(answer.text, words)
    }
  }
  setFaults({ kind: 'not_ready', times: 2 })
  t.same([(await content()).status, (await content()).status, (await content()).status], [404, 404, 200])
  t.equal(simulator.control.requests()['reseller']?.content, cases.length)
})

t.test('a truncated body promises its whole length and then ends', async (t) => {
  const { content, file, setFaults } = await finished(t)
  const whole = (await content()).headers.get('content-length')
  t.ok(Number(whole) > 1000)
  setFaults({ kind: 'truncated', keep: 0.3 })
  await t.rejects(content(), TypeError)
  await t.rejects(file(), TypeError)
})

t.test('content may be elsewhere, or go round in circles', async (t) => {
  const { simulator, content, setFaults } = await finished(t)
  const headers = { authorization: 'Bearer key-o' }
  setFaults({ kind: 'redirect' })
  const first = await content({ redirect: 'manual', headers })
  t.equal(first.status, 302)
  t.match(first.headers.get('location'), /\/files\/[0-9a-f]{32}\.mp4\?via=redirect$/)
  t.equal((await content()).headers.get('content-type'), 'video/mp4')

  setFaults({ kind: 'redirect', to: 'self' })
  await t.rejects(content(), TypeError)
  setFaults({ kind: 'redirect', to: 'self', times: 2 })
  t.equal((await content()).status, 200)
  setFaults({ kind: 'redirect', to: `${simulator.origin}/clips/other.mp4?seconds=1&size=64x36` })
  t.equal((await content()).headers.get('content-type'), 'video/mp4')
})

t.test('content may come slowly, but whole', async (t) => {
  const { content, setFaults } = await finished(t)
  const whole = await content()
  const length = Number(whole.headers.get('content-length'))
  setFaults({ kind: 'drip', bytesPerSecond: length * 4 })
  const start = performance.now()
  const slow = await content()
  t.equal(slow.text, whole.text)
  t.ok(performance.now() - start >= 190)
})
