import t from 'tap'
import { keys, startGateway } from '../e2e/gateway.ts'
import { startHttp } from '../upstreams/loopback.ts'
import { world } from './world.ts'

t.test('an estimate shows what a workload costs under each policy', async (t) => {
  const gateway = await startGateway(t)
  const { run } = await world(t, gateway.address)
  const { code, out } = await run(['estimate', '500', '-d', '10', '-c', '1'])
  t.equal(code, 0)
  t.match(out, /^500 videos a month: sora-2, 10 s, .* with 1 characters\n/)
  t.match(out, /\ncost +reseller +native +10 s +\$0\.12 +\$60\.00 +\$/)
  t.match(out, /\nofficial_only +official +reference +12 s +\$1\.20 +\$600\.00 /)
  t.match(JSON.parse((await run(['estimate', '500', '--json'])).out), { count: 500, data: [{}, {}] })
  t.match(await run(['estimate', '0']), { code: 2, err: /count/ })
  t.match(await run(['estimate', 'many']), { code: 2, err: /Must be a number/ })
  t.equal(gateway.simulator.control.requests()['reseller']?.create ?? 0, 0, 'nothing is sent')
})

t.test('an estimate without a number is of the videos that were delivered', async (t) => {
  const gateway = await startGateway(t)
  const { run } = await world(t, gateway.address)
  await gateway.generate({ prompt: 'a boat', duration: 10 })
  const day = new Date(gateway.now()).toISOString().slice(0, 10)
  const { code, out } = await run(['estimate', '--from', day])
  t.equal(code, 0)
  t.match(
    out,
    /^1 videos delivered from .*: paid \$0\.12, may still be charged \$0\.00, paid without a video \$0\.00\n/,
  )
  t.match(out, /\ncost +reseller .* \$0\.12 +\$0\.12 +\$1\.08/)
  const none = await run(['estimate', '--to', '2020-01-01', '--json'])
  t.match(JSON.parse(none.out), { count: 0, history: { sampled: 0 } })
  t.match(await run(['estimate', '5', '--from', day]), { code: 2, err: /from_history/ })
})

t.test('statistics of an upstream are a table with a row for each step', async (t) => {
  const gateway = await startGateway(t, { keys: { other: { scopes: ['observe'] } } })
  const { run } = await world(t, gateway.address)
  const observer = { env: { UNDERSTUDY_URL: gateway.address, UNDERSTUDY_API_KEY: keys.other } }
  await gateway.generate({ prompt: 'a boat', duration: 5 })
  const day = new Date(gateway.now()).toISOString().slice(0, 10)
  const { code, out } = await run(['statistics', 'reseller', '--step', 'day'], observer)
  t.equal(code, 0)
  const lines = out.trim().split('\n')
  t.match(lines[2], /^day \(UTC\) +sent +done +failed +queue p50\/p95 +render p50\/p95/)
  t.equal(lines.length, 33, '30 days')
  t.match(
    lines.at(-1),
    new RegExp(String.raw`^${day} +1 +1 +0 +\d+\.\d/\d+\.\d s +.* \$0\.12 +\$0\.00 +0 +0$`),
  )
  const report = JSON.parse((await run(['statistics', 'reseller', '--from', day, '--json'], observer)).out)
  t.match(report, { upstream: 'reseller', from: `${day}T00:00:00.000Z` })
  t.match(await run(['statistics', 'nobody'], observer), { code: 2, err: /No upstream "nobody"/ })
  t.match(await run(['statistics', 'reseller', '--step', 'week'], observer), { code: 2, err: /hour, day/ })
  t.match(await run(['statistics', 'reseller']), { code: 3 })
})

t.test('words of a vendor move no cursor', async (t) => {
  const esc = String.fromCodePoint(27)
  const server = await startHttp(t, (_request, response) => {
    const none = { p50: null, p95: null }
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({
        upstream: `reseller${esc}[2J`,
        step: 'hour',
        complete_since: null,
        data: [
          {
            at: '2026-11-22T15:00:00.000Z',
            creates: 1,
            succeeded: 0,
            failed: 1,
            failures: { [`odd${esc}[31m`]: 1 },
            queue_seconds: none,
            render_seconds: none,
            download_seconds: none,
            cost_usd: 0,
            unused_cost_usd: 0,
            breaker_openings: { create: 0 },
            in_flight: 0,
          },
        ],
      }),
    )
  })
  const { run } = await world(t, `http://127.0.0.1:${server.port}`)
  for (const args of [
    ['statistics', 'reseller'],
    ['statistics', 'reseller', '--json'],
  ]) {
    const { code, out } = await run(args)
    t.equal(code, 0, out)
    t.notMatch(out, esc)
    t.match(out, /odd\\u001b\[31m/)
  }
})
