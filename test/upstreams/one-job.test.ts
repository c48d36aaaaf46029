import t from 'tap'
import { createUpstreamDirectory } from '../../src/gateway/upstreams/upstream-directory.ts'
import { settings, spec } from './fixtures.ts'
import { fakeRemote, json, noLogger, startHttp } from './loopback.ts'
import type { Test } from './loopback.ts'

/** Statements about one job, as opposed to the upstream, in both kinds of dialects. */
const wires = [
  { dialect: 'openai-videos', profile: 'gemini-compat' },
  { dialect: 'sora-tasks', profile: 'generic' },
] as const

async function polled(t: Test, wire: (typeof wires)[number], status: number, body: object) {
  const server = await startHttp(t, (_request, response) => json(response, status, body))
  const each = settings({
    spec: spec({ dialect: wire.dialect }),
    profile: wire.profile,
    baseUrl: server.baseUrl,
    breaker: { failureRate: 0.5, windowMs: 60_000, minCalls: 3, openMs: 60_000 },
  })
  const deps = { remoteMedia: fakeRemote(), logger: noLogger, clock: Date }
  const directory = createUpstreamDirectory([each], deps)
  t.teardown(() => directory.close())
  const upstream = directory.all()[0]!
  let report = await upstream.poll({ id: 'v1' })
  for (let count = 0; count < 5; count += 1) report = await upstream.poll({ id: 'v1' })
  return { report, breaker: upstream.breakers().poll.state }
}

const failed = { id: 'v1', status: 'failed', error: { code: 500, message: 'CUDA out of memory' } }

for (const wire of wires) {
  t.test(`${wire.dialect}: an end counts under any status where the answer names the job`, async (t) => {
    for (const status of [200, 400, 404, 409, 422, 500, 502, 503]) {
      const seen = await polled(t, wire, status, failed)
      t.match(seen, { report: { type: 'failed', message: /CUDA/ }, breaker: 'closed' }, String(status))
    }
    t.match(await polled(t, wire, 500, { ...failed, id: 'another' }), { report: { type: 'unreachable' } })
    t.match(await polled(t, wire, 503, { ...failed, status: 'queued' }), { report: { type: 'unreachable' } })
  })

  t.test(
    `${wire.dialect}: polls that cannot be read leave the breaker alone where they name the job`,
    async (t) => {
      const odd = await polled(t, wire, 500, { id: 'v1', status: 'upscaling' })
      t.match(odd, { report: { type: 'unreachable' }, breaker: 'closed' })
      const late = await polled(t, wire, 200, { id: 'v1', status: 'completed' })
      t.match(late, { report: { type: 'unreadable' }, breaker: 'closed' })
      const outage = await polled(t, wire, 500, { error: { message: 'no database' } })
      t.equal(outage.breaker, 'open')
    },
  )
}
