import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import { growthFaults } from './growth.ts'
import { planOf } from './plan.ts'
import type { Weather } from './plan.ts'
import { startProxy } from './proxy.ts'
import { figuresOf } from './samples.ts'
import { brokenConfig } from './stage.ts'

t.test('a seed makes the same plan again, and another one makes another', async (t) => {
  t.same(planOf(7, 10, ['a', 'b']), planOf(7, 10, ['a', 'b']))
  t.notSame(planOf(7, 10, ['a', 'b']), planOf(8, 10, ['a', 'b']))
})

t.test('ten minutes do to the gateway everything that there is to do', async (t) => {
  const { acts, weather } = planOf(1, 10, ['a'])
  t.equal(new Set(acts.map(({ act }) => act.kind)).size, 6)
  t.equal(new Set(weather.map((each) => each.weather.kind)).size, 7)
})

t.test('a run of ten minutes ends with three in which nothing is restarted', async (t) => {
  const { acts } = planOf(1, 10, ['a'])
  const late = acts.filter(({ atMs }) => atMs > 7 * 60_000)
  t.ok(late.length > 10)
  t.notOk(late.some(({ act }) => act.kind.startsWith('restart')))
})

t.test('what a process holds may go up and down, and not up and up', async (t) => {
  t.same(growthFaults({ firstMb: 70, lastMb: 95, mostRssMb: 600 }), [])
  t.match(growthFaults({ firstMb: 70, lastMb: 150, mostRssMb: 600 }), [/memory grew/])
  t.match(growthFaults({ firstMb: 70, lastMb: 80, mostRssMb: 900 }), [/RSS/])
})

const answer = 'x'.repeat(1000)

/** What a caller gets of an answer of 1,000 bytes through a proxy of this weather, and how it ends. */
async function read(t: Test, weather: Weather, longestMs: number): Promise<{ bytes: number; end: string }> {
  const vendor = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end(answer))
  }).listen(0, '127.0.0.1')
  await once(vendor, 'listening')
  const address = vendor.address()
  if (typeof address !== 'object' || address === null) throw new Error('The vendor has no port.')
  const proxy = await startProxy(new URL(`http://127.0.0.1:${address.port}`))
  t.teardown(async () => {
    await proxy.close()
    vendor.close()
  })
  proxy.turn(weather)
  const socket = connect(Number(new URL(proxy.origin).port), '127.0.0.1')
  let bytes = 0
  socket.on('data', (piece) => (bytes += piece.length))
  socket.write('GET')
  const ended = once(socket, 'end').then(
    () => 'end',
    (error: Error) => ('code' in error ? String(error.code) : error.message),
  )
  const end = await Promise.race([ended, pause(longestMs, 'nothing', { ref: false })])
  socket.destroy()
  return { bytes, end }
}

for (const [weather, seen] of [
  [{ kind: 'fair' }, { bytes: 1000, end: 'end' }],
  [{ kind: 'refuse' }, { bytes: 0, end: 'ECONNRESET' }],
  [
    { kind: 'reset', afterBytes: 0 },
    { bytes: 0, end: 'ECONNRESET' },
  ],
  [
    { kind: 'truncate', afterBytes: 400 },
    { bytes: 400, end: 'end' },
  ],
  [
    { kind: 'stall', afterBytes: 400 },
    { bytes: 400, end: 'nothing' },
  ],
  [{ kind: 'deaf' }, { bytes: 0, end: 'nothing' }],
  [
    { kind: 'slow', bytesPerSecond: 4000 },
    { bytes: 1000, end: 'end' },
  ],
] as const) {
  t.test(`the proxy: ${JSON.stringify(weather)}`, async (t) => {
    t.same(await read(t, weather, seen.end === 'nothing' ? 700 : 20_000), seen)
  })
}

const sample = (at: number, ms: number, error: string | null = null) =>
  ({ probe: 'read', at, ms, error }) as const

t.test('a probe counts unless a restart touches it, and an error counts with it', async (t) => {
  const window = { from: 100, to: 200, spares: ['read'] } as const
  const samples = [
    sample(0, 10),
    sample(95, 10),
    sample(150, 1, 'ECONNREFUSED'),
    sample(300, 40, 'ECONNRESET'),
  ]
  const { count, spared, max, errors } = figuresOf(samples, [window], 'read')
  t.same(
    { count, spared, max, errors: [...errors] },
    { count: 2, spared: 2, max: 40, errors: [['ECONNRESET', 1]] },
  )
  t.equal(figuresOf(samples, [{ ...window, spares: ['create'] }], 'read').count, 4)
})

t.test('configurations that are to be refused are wrong in several ways', async (t) => {
  const text = 'upstreams: [{ dialect: sora-tasks }]'
  t.equal(new Set([0, 1, 2, 3].map((number) => brokenConfig(text, number))).size, 4)
})
