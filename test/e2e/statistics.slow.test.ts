import t from 'tap'
import type { Test } from 'tap'
import { keys, official, reverse, startGateway } from './gateway.ts'
import type { Answer, Gateway } from './gateway.ts'

const hour = 3600_000
const body = { prompt: 'a mill by a river', duration: 10 }
const breaker = { failure_rate: 0.5, window_seconds: 300, min_calls: 3, open_seconds: 60 }
const observing = { authorization: `Bearer ${keys.other}` }
const noTime = { p50: null, p95: null }

function start(t: Test): Promise<Gateway> {
  return startGateway(t, {
    upstreams: [reverse, official],
    settings: { reseller: { breaker } },
    keys: { other: { scopes: ['observe'] } },
  })
}

async function statistics(gateway: Gateway, query = '', upstream = 'reseller'): Promise<Answer['body']> {
  const path = `/upstreams/${upstream}/statistics${query}`
  const answer = await gateway.call('GET', path, undefined, observing)
  t.equal(answer.status, 200, JSON.stringify(answer.body))
  return answer.body
}

function total(rows: Array<Record<string, number>>, name: string): number {
  return rows.reduce((sum, row) => sum + (row[name] ?? 0), 0)
}

t.test('statistics tell what was sent, what became of it, how long it took and what it cost', async (t) => {
  const gateway = await start(t)
  const { control } = gateway.simulator
  const first = await gateway.generate({ ...body, routing: { upstreams: ['reseller'] } })
  t.equal(first.status, 'completed')
  control.setFaults('reseller', [{ kind: 'fails_late' }])
  const second = await gateway.generate({ ...body, routing: { upstreams: ['reseller'] } })
  t.equal(second.status, 'failed')
  control.setFaults('reseller', [])
  // The third is under way, and the hour is over.
  const { body: third } = await gateway.call('POST', '/generate', {
    ...body,
    routing: { upstreams: ['reseller'] },
  })
  await gateway.advance(1000)
  const now = gateway.now()

  const report = await statistics(gateway, `?from=${new Date(now - 3 * hour).toISOString()}`)
  t.match(report, { object: 'upstream_statistics', upstream: 'reseller', step: 'hour', complete_since: null })
  t.equal(report.data.length, 4, 'every hour is there')
  t.same(
    report.data.slice(0, 3).map(({ creates }: { creates: number }) => creates),
    [0, 0, 0],
  )
  t.equal(Date.parse(report.from) % hour, 0)
  t.equal(Date.parse(report.to), Date.parse(report.from) + 4 * hour)
  t.match(report.data[3], {
    at: new Date(now - (now % hour)).toISOString(),
    creates: 3,
    succeeded: 1,
    failed: 1,
    failures: { [second.attempts[0].failure.code]: 1 },
    cost_usd: 0.12,
    unused_cost_usd: 0,
    breaker_openings: { create: 0, poll: 0, fetch: 0, character: 0 },
    in_flight: 1,
  })
  const [attempt] = first.attempts
  const { queue_seconds: queue, render_seconds: render, download_seconds: download } = report.data[3]
  t.ok(queue.p95 >= queue.p50 && queue.p50 >= 0)
  const took = (Date.parse(attempt.ended_at) - Date.parse(attempt.started_at)) / 1000
  t.ok(render.p50 > 0 && render.p50 + download.p50 <= took, 'render and download are parts of the attempt')
  t.same(report.data[0].render_seconds, noTime, 'nothing was measured in an empty hour')

  t.equal((await gateway.finished(third.id)).status, 'completed')
  const day = await statistics(gateway, '?step=day')
  t.equal(day.data.length, 30)
  t.match(day.data[29], { creates: 3, succeeded: 2, failed: 1, cost_usd: 0.24, in_flight: 0 })
  t.equal(total((await statistics(gateway, '', 'official')).data, 'creates'), 0)

  const other = await gateway.generate({ ...body, routing: { upstreams: ['official'] } })
  t.equal(other.status, 'completed')
  const { status, body: all } = await gateway.call('GET', '/statistics?step=day', undefined, observing)
  t.equal(status, 200)
  t.match(all, { object: 'statistics', step: 'day', from: day.from, to: day.to })
  t.match(all.data[29], { accepted: 4, creates: 4, succeeded: 3, failed: 1 }, 'all upstreams together')
})

t.test('a removed generation stays in the statistics', async (t) => {
  const gateway = await start(t)
  const made = await gateway.generate({ ...body, routing: { upstreams: ['reseller'] } })
  t.equal((await gateway.call('DELETE', `/generations/${made.id}`)).status, 204)
  await gateway.restart(2 * hour)
  const { data } = await statistics(gateway)
  t.same([total(data, 'creates'), total(data, 'succeeded'), total(data, 'cost_usd')], [1, 1, 0.12])
})

t.test('an opening of a breaker is counted once in its hour, and kept over a restart', async (t) => {
  const gateway = await start(t)
  gateway.simulator.control.setFaults('reseller', [{ kind: 'down' }])
  for (let call = 0; call < 3; call++)
    await gateway.generate({ ...body, routing: { upstreams: ['reseller', 'official'] } })
  const openings = async () =>
    (await statistics(gateway)).data.map((row: Answer['body']) => row.breaker_openings.create)
  t.same((await openings()).slice(-2), [0, 1])
  await gateway.restart(hour)
  t.same((await openings()).slice(-3), [0, 1, 0])
})

t.test('a failed upstream and a fallback are counted where they were', async (t) => {
  const gateway = await start(t)
  gateway.simulator.control.setFaults('reseller', [{ kind: 'fails_late' }])
  const made = await gateway.generate(body)
  t.equal(made.status, 'completed')
  const codes = made.attempts.flatMap(({ failure }: Answer['body']) => failure?.code ?? [])
  const { data } = await statistics(gateway)
  t.same(data.at(-1).failures, Object.fromEntries(codes.map((code: string) => [code, 1])))
  t.match((await statistics(gateway, '', 'official')).data.at(-1), { creates: 1, succeeded: 1, failed: 0 })
})

t.test('times, scopes and names that are not right are told clearly', async (t) => {
  const gateway = await start(t)
  const at = (ms: number) => encodeURIComponent(new Date(gateway.now() + ms).toISOString())
  for (const [query, pointer] of [
    [`?from=${at(-hour)}&to=${at(-2 * hour)}`, '#/query/to'],
    [`?from=${at(hour)}`, '#/query/from'],
    [`?to=${at(0)}&from=${at(-800 * hour)}`, '#/query/from'],
    ['?from=yesterday', '#/query/from'],
    ['?step=minute', '#/query/step'],
    ['?since=1', '#/query/since'],
  ] as const) {
    const path = `/upstreams/reseller/statistics${query}`
    const answer = await gateway.call('GET', path, undefined, observing)
    t.equal(answer.status, 400, query)
    t.equal(answer.body.errors[0].pointer, pointer, query)
  }
  t.match(await gateway.call('GET', '/upstreams/nobody/statistics', undefined, observing), {
    status: 404,
    body: { code: 'not_found' },
  })
  t.equal((await gateway.call('GET', '/upstreams/reseller/statistics')).status, 403)
  t.equal((await statistics(gateway, `?step=day&from=${at(-700 * 24 * hour)}`)).data.length, 701)
})

t.test('usage has a row for each hour if asked, and only then', async (t) => {
  const gateway = await start(t)
  await gateway.generate(body)
  const from = encodeURIComponent(new Date(gateway.now() - 2 * hour).toISOString())
  const of = async (query: string) => (await gateway.call('GET', `/usage?from=${from}&${query}`)).body.data
  const [row, ...others] = await of('group_by=hour')
  t.same(others, [])
  t.match(row, { hour: new Date(gateway.now() - (gateway.now() % hour)).toISOString(), videos: 1 })
  const filled = await of('group_by=hour,upstream&fill=true')
  t.same(
    filled.map(({ upstream, videos }: Answer['body']) => [upstream, videos]),
    [
      ['reseller', 0],
      ['reseller', 0],
      ['reseller', 1],
    ],
  )
})
