import t from 'tap'
import type { BreakerState, BreakerView } from '../../src/gateway/domain/routing/upstream.ts'
import { createBreaker } from '../../src/gateway/upstreams/breakers/breaker.ts'
import type { Breaker, Health } from '../../src/gateway/upstreams/breakers/breaker.ts'
import type { BreakerSettings } from '../../src/gateway/upstreams/settings.ts'
import type { Test } from './loopback.ts'

const refused = 'refused by the breaker'

function setUp(t: Test, changes: Partial<BreakerSettings> = {}) {
  const clock = { time: 1_000_000, now: () => clock.time }
  const waiting: { state: BreakerState; resolve: () => void }[] = []
  const changesSeen: BreakerState[] = []
  const onChange = ({ state }: BreakerView) => {
    changesSeen.push(state)
    for (const each of waiting) if (each.state === state) each.resolve()
  }
  const settings = { failureRate: 0.5, windowMs: 1000, minCalls: 4, openMs: 40, ...changes }
  const breaker = createBreaker(settings, { clock, onChange })
  t.teardown(() => breaker.close())
  // opossum's timer does not keep the process alive; this one does, and bounds the wait.
  const reached = (state: BreakerState) =>
    new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the breaker never was ${state}`)), 5000)
      const done = () => {
        clearTimeout(timer)
        resolve()
      }
      if (breaker.view().state === state) done()
      else waiting.push({ state, resolve: done })
    })
  return { breaker, clock, reached, changesSeen }
}

function call(breaker: Breaker, health: Health, result: Promise<unknown> = Promise.resolve()) {
  return breaker.run<string>(
    async () => {
      await result
      return health
    },
    () => health,
    (retryAfterMs) => `${refused}, ${retryAfterMs}`,
  )
}

async function calls(breaker: Breaker, ...healths: Health[]) {
  for (const health of healths) await call(breaker, health)
}

function gate() {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { passed: promise, open: resolve }
}

t.test('it opens at the failure rate, once there were enough calls', async (t) => {
  // Longer than any machine takes for this: its timer is real, and half-opens the breaker.
  const openMs = 60_000
  const { breaker, clock } = setUp(t, { openMs })
  await calls(breaker, 'ok', 'ok', 'failing')
  t.same(breaker.view(), { state: 'closed', retryAt: null })
  await calls(breaker, 'failing')
  t.same(breaker.view(), { state: 'open', retryAt: clock.time + openMs }, 'exactly at the rate')
  clock.time += 15
  t.equal(await call(breaker, 'ok'), `${refused}, ${openMs - 15}`, 'and says when it will be half-open')
})

t.test('fewer calls than minCalls never open it', async (t) => {
  const { breaker } = setUp(t)
  await calls(breaker, 'failing', 'failing', 'failing')
  t.equal(breaker.view().state, 'closed')
})

t.test('a failure rate of 1 can be reached', async (t) => {
  const { breaker } = setUp(t, { failureRate: 1 })
  await calls(breaker, 'failing', 'failing', 'failing', 'failing')
  t.equal(breaker.view().state, 'open')
})

t.test('failures older than the window do not count', async (t) => {
  const { breaker, clock } = setUp(t)
  await calls(breaker, 'failing', 'failing', 'failing')
  clock.time += 1100
  await calls(breaker, 'failing', 'failing', 'failing')
  t.equal(breaker.view().state, 'closed')
  clock.time += 300
  await calls(breaker, 'failing')
  t.equal(breaker.view().state, 'open', 'those within it do')
})

t.test('neutral outcomes neither open it nor dilute the rate', async (t) => {
  const { breaker } = setUp(t)
  await calls(breaker, ...Array<Health>(20).fill('neutral'))
  t.equal(breaker.view().state, 'closed')
  await calls(breaker, 'failing', 'failing', 'failing', 'neutral')
  t.equal(breaker.view().state, 'closed', 'they are no calls for minCalls either')
  await calls(breaker, 'failing')
  t.equal(breaker.view().state, 'open')
})

t.test('a good probe closes it, and what opened it is forgotten', async (t) => {
  const { breaker, reached, changesSeen } = setUp(t)
  await calls(breaker, 'failing', 'failing', 'failing', 'failing')
  await reached('half_open')
  t.same(breaker.view(), { state: 'half_open', retryAt: null })
  t.equal(await call(breaker, 'ok'), 'ok')
  t.equal(breaker.view().state, 'closed')
  await calls(breaker, 'failing', 'failing', 'failing')
  t.equal(breaker.view().state, 'closed', 'one failure more does not open it again')
  t.same(changesSeen, ['open', 'half_open', 'closed'])
})

t.test('a failing probe opens it again', async (t) => {
  const { breaker, reached } = setUp(t)
  await calls(breaker, 'failing', 'failing', 'failing', 'failing')
  await reached('half_open')
  await call(breaker, 'failing')
  t.equal(breaker.view().state, 'open')
  await reached('half_open')
  t.equal(await call(breaker, 'ok'), 'ok', 'and it half-opens again')
})

t.test('a half-open breaker lets one probe through at a time', async (t) => {
  const { breaker, reached } = setUp(t)
  await calls(breaker, 'failing', 'failing', 'failing', 'failing')
  await reached('half_open')
  const { passed, open } = gate()
  const probe = call(breaker, 'ok', passed)
  t.equal(await call(breaker, 'ok'), `${refused}, null`)
  t.equal(await call(breaker, 'ok'), `${refused}, null`)
  open()
  t.equal(await probe, 'ok')
  t.equal(breaker.view().state, 'closed')
})

t.test('a neutral probe leaves it half-open and hands the probe to the next call', async (t) => {
  const { breaker, reached } = setUp(t)
  await calls(breaker, 'failing', 'failing', 'failing', 'failing')
  await reached('half_open')
  t.equal(await call(breaker, 'neutral'), 'neutral')
  t.equal(breaker.view().state, 'half_open', 'a refusal does not close it')
  t.equal(await call(breaker, 'neutral'), 'neutral', 'the probe was released')
  t.equal(await call(breaker, 'ok'), 'ok')
  t.equal(breaker.view().state, 'closed')
})

t.test('a probe that throws releases the probe and counts for nothing', async (t) => {
  const { breaker, reached } = setUp(t)
  await calls(breaker, 'failing', 'failing', 'failing', 'failing')
  await reached('half_open')
  await t.rejects(call(breaker, 'ok', Promise.reject(new Error('a bug'))), { message: 'a bug' })
  t.equal(breaker.view().state, 'half_open')
  t.equal(await call(breaker, 'ok'), 'ok')
})

t.test('a call from before it opened is not taken for the probe', async (t) => {
  for (const late of ['ok', 'failing'] as const) {
    const { breaker, reached } = setUp(t)
    const { passed, open } = gate()
    const slow = call(breaker, late, passed)
    await calls(breaker, 'failing', 'failing', 'failing', 'failing')
    await reached('half_open')
    open()
    t.equal(await slow, late, 'it keeps its own outcome')
    t.equal(breaker.view().state, 'half_open', `a late ${late} changes nothing`)
    t.equal(await call(breaker, 'ok'), 'ok')
    t.equal(breaker.view().state, 'closed')
  }
})

t.test('calls in flight do not hide a burst of failures', async (t) => {
  const { breaker } = setUp(t)
  const { passed, open } = gate()
  const slow = Array.from({ length: 20 }, () => call(breaker, 'ok', passed))
  await calls(breaker, 'failing', 'failing', 'failing', 'failing')
  t.equal(breaker.view().state, 'open')
  open()
  await Promise.all(slow)
  t.equal(breaker.view().state, 'open')
})

t.test('calls have no deadline of the breaker: a slow one is not a failed one', async (t) => {
  const { breaker } = setUp(t, { minCalls: 1 })
  const { passed, open } = gate()
  const slow = call(breaker, 'ok', passed)
  await new Promise((resolve) => setTimeout(resolve, 60))
  t.equal(breaker.view().state, 'closed')
  open()
  t.equal(await slow, 'ok')
})

t.test('a closed breaker holds no timer and counts no more', async (t) => {
  const { breaker } = setUp(t)
  await calls(breaker, 'failing', 'failing', 'failing', 'failing')
  breaker.close()
  t.equal(await call(breaker, 'failing'), 'failing')
  t.equal(breaker.view().state, 'closed')
})

t.test('a reset closes it with an empty window, and calls that are running do not count', async (t) => {
  const { breaker, changesSeen } = setUp(t, { openMs: 60_000 })
  const running = gate()
  const late = call(breaker, 'failing', running.passed)
  await calls(breaker, 'failing', 'failing', 'failing', 'failing')
  t.equal(breaker.view().state, 'open')
  breaker.reset()
  t.same(breaker.view(), { state: 'closed', retryAt: null })
  t.equal(await call(breaker, 'ok'), 'ok', 'the next call is made')
  running.open()
  await late
  await calls(breaker, 'failing')
  t.equal(breaker.view().state, 'closed', 'one failure of two calls, of at least four')
  t.same(changesSeen, ['open', 'closed'])

  await calls(breaker, 'failing')
  const another = gate()
  const early = call(breaker, 'failing', another.passed)
  breaker.reset()
  another.open()
  await early
  await calls(breaker, 'failing', 'failing', 'failing')
  t.equal(breaker.view().state, 'closed', 'a closed one forgets its failures too')
})

t.test('a reset half-open breaker is closed, and its probe no longer decides', async (t) => {
  const { breaker, reached } = setUp(t)
  await calls(breaker, 'failing', 'failing', 'failing', 'failing')
  await reached('half_open')
  const probe = gate()
  const probing = call(breaker, 'failing', probe.passed)
  breaker.reset()
  probe.open()
  await probing
  t.equal(breaker.view().state, 'closed')
})
