import t from 'tap'
import { createStubs, asMaker, serve } from './stub-services.ts'

const guess = (number: number) => ({ authorization: `Bearer guess-${number}` })
const rules = { perMinute: 3, pauseMs: 40, mostPaused: 2 }

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
