import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { asMaker, createStubs, keys, listen, serve } from './stub-services.ts'

const guess = (number: number) => ({ authorization: `Bearer guess-${number}` })
const rules = { perMinute: 3, pauseMs: 40, perPause: 20, mostPaused: 2 }

async function guarded(t: Parameters<typeof serve>[0], perMinute = rules.perMinute) {
  const told: string[] = []
  const app = await serve(t, createStubs(), {
    failures: { ...rules, perMinute },
    onUnknownKeys: (address) => void told.push(address),
    trustProxy: true,
  })
  const ask = async (headers: Record<string, string>) => {
    const from = performance.now()
    const answer = await app.inject({ url: '/generations', headers })
    return { answer, status: answer.statusCode, ms: performance.now() - from }
  }
  return { ask, told }
}

t.test('an address that guesses keys is slowed down, told once, and asked to wait', async (t) => {
  const { ask, told } = await guarded(t)
  for (const number of [1, 2, 3]) t.equal((await ask(guess(number))).status, 401)
  t.strictSame(told, ['127.0.0.1'])
  const { answer, ms } = await ask(guess(4))
  t.equal(answer.statusCode, 429)
  t.equal(answer.json().code, 'rate_limited')
  t.match(answer.headers['retry-after'], /^[1-9]\d?$/)
  t.ok(ms >= rules.pauseMs - 5, `${ms} ms`)
  await ask(guess(5))
  t.strictSame(told, ['127.0.0.1'], 'once a minute')
})

t.test(
  'a known key gets in at once from an address that guesses, and guesses count for no other',
  async (t) => {
    const { ask } = await guarded(t)
    for (const number of [1, 2, 3, 4]) await ask(guess(number))
    const known = await ask(asMaker)
    t.equal(known.status, 200)
    t.notOk(known.answer.headers['retry-after'])
    t.equal((await ask({ ...guess(5), 'x-forwarded-for': '192.0.2.7' })).status, 401)
  },
)

t.test('addresses of one IPv6 network count as one', async (t) => {
  const { ask } = await guarded(t)
  for (const host of [1, 2, 3]) await ask({ ...guess(host), 'x-forwarded-for': `2001:db8:1:2::${host}` })
  t.equal((await ask({ ...guess(4), 'x-forwarded-for': '2001:db8:1:2:ffff::9' })).status, 429)
  t.equal((await ask({ ...guess(5), 'x-forwarded-for': '2001:db8:1:3::1' })).status, 401)
})

t.test('a call without a key is no guess', async (t) => {
  const { ask } = await guarded(t)
  for (let times = 0; times < 6; times++) t.equal((await ask({})).status, 401)
})

t.test(
  'only so many guesses are made to wait at the same time; the others are answered at once',
  async (t) => {
    const { ask } = await guarded(t, 0)
    const answers = await Promise.all([1, 2, 3, 4, 5].map((number) => ask(guess(number))))
    t.ok(answers.every(({ status }) => status === 429))
    const order = answers.map(({ ms }) => ms)
    t.equal(order.filter((ms) => ms >= rules.pauseMs - 5).length, rules.mostPaused, order.join())
  },
)

t.test('more connections make no more guesses', async (t) => {
  const failures = { perMinute: 0, pauseMs: 200, perPause: 5, mostPaused: 1000 }
  const { url } = await listen(t, createStubs(), { failures })
  let answered = 0
  const first = Promise.withResolvers<void>()
  const leave = new AbortController()
  const guessing = Array.from({ length: 150 }, async (_, number) => {
    for (let times = 0; !leave.signal.aborted; times++) {
      const headers = guess(number * 1000 + times)
      const answer = await fetch(`${url}/generations`, { headers, signal: leave.signal }).catch(() => null)
      if (answer === null) return
      await answer.arrayBuffer().catch(() => null)
      answered += 1
      first.resolve()
    }
  })
  const began = performance.now()
  await Promise.all([first.promise, pause(1500)])
  const known = await fetch(`${url}/generations`, { headers: asMaker })
  t.equal(known.status, 200, 'a known key gets in meanwhile')
  leave.abort()
  await Promise.all(guessing)
  const ms = performance.now() - began
  t.ok(
    answered < 10 * (ms / failures.pauseMs + 1),
    `${answered} guesses in ${ms} ms, where 5 leave in 200 ms`,
  )
})

t.test('a path that leads nowhere counts, and is no way to try keys', async (t) => {
  const app = await serve(t, createStubs(), { failures: { ...rules, perMinute: 1 } })
  const asSlow = { authorization: `Bearer ${keys.slow}` }
  for (const url of ['/nowhere', '/v1/nowhere']) t.equal((await app.inject({ url })).statusCode, 404)
  const statuses = []
  for (const url of ['/nowhere', '/v1/nowhere', '/nowhere', '/v1/nowhere', '/generations']) {
    statuses.push((await app.inject({ url, headers: asSlow })).statusCode)
  }
  t.strictSame(statuses, [404, 404, 429, 429, 429], 'two a minute are allowed')
  t.equal((await app.inject({ url: '/nowhere', headers: guess(1) })).statusCode, 401)
  t.equal((await app.inject({ url: '/v1/nowhere', headers: guess(2) })).statusCode, 429)
})
