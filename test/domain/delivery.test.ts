import t from 'tap'
import { afterTry, askedAgain, deliveriesOf } from '../../src/gateway/domain/webhooks/delivery.ts'
import { usualEvents } from '../../src/gateway/domain/webhooks/webhook-event.ts'
import type { Delivery, DeliveryOutcome } from '../../src/gateway/domain/webhooks/delivery.ts'
import type { WebhookEvent } from '../../src/gateway/domain/webhooks/webhook-event.ts'
import type { LogEntryType } from '../../src/gateway/domain/generation/history.ts'
import { aGeneration, deepFreeze, SECOND, T0 } from './builders.ts'

const HOUR = 3600 * SECOND
const DAY = 24 * HOUR

function answered(status: number, retryAfterMs: number | null = null): DeliveryOutcome {
  return { type: 'answered', status, retryAfterMs }
}

const unanswered: DeliveryOutcome = { type: 'unanswered', message: 'No response was received in time.' }

function aDelivery(): Delivery {
  const generation = aGeneration()
  const request = { ...generation.request, webhookUrl: 'https://a.example', webhookEvents: [...usualEvents] }
  const entries = [{ type: 'generation.failed' as const, at: T0, data: {} }]
  const [delivery] = deliveriesOf({ ...generation, request }, 7, entries)
  if (delivery === undefined) throw new Error('nothing to deliver')
  return deepFreeze(delivery)
}

function tried(delivery: Delivery, outcome: DeliveryOutcome, at = T0, random = 0.5): Delivery {
  return deepFreeze(afterTry(delivery, { at, ms: 10, outcome }, random))
}

t.test('only what is wanted is told, and by default the end and what comes after it', async (t) => {
  const types: LogEntryType[] = [
    'attempt.failed',
    'generation.failed',
    'attempt.progress',
    'generation.late_video',
  ]
  const entries = types.map((type, n) => ({ type, at: T0 + n, data: {} }))
  const generation = aGeneration()
  const wanting = (webhookUrl: string | null, webhookEvents: WebhookEvent[]) =>
    deliveriesOf(
      { ...generation, request: { ...generation.request, webhookUrl, webhookEvents } },
      12,
      entries,
    ).map(({ seq, type }) => [seq, type])
  t.same(wanting('https://a.example', [...usualEvents]), [
    [10, 'generation.failed'],
    [12, 'generation.late_video'],
  ])
  t.same(wanting('https://a.example', ['attempt.failed']), [[9, 'attempt.failed']])
  t.same(wanting('https://a.example', []), [])
  t.same(wanting(null, [...usualEvents]), [])
})

t.test('any 2xx is a delivery, 410 ends it, and everything else is tried again', async (t) => {
  for (const status of [200, 201, 202, 204, 299]) {
    t.match(tried(aDelivery(), answered(status)), {
      state: 'delivered',
      dueAt: null,
      tries: [{ at: T0, ms: 10, status, message: null }],
    })
  }
  t.match(tried(aDelivery(), answered(410)), {
    state: 'disabled',
    dueAt: null,
    tries: [{ status: 410, message: 'Answered 410.' }],
  })
  for (const outcome of [
    ...[301, 302, 304, 400, 404, 429, 500, 503].map((each) => answered(each)),
    unanswered,
  ]) {
    const next = tried(aDelivery(), outcome)
    t.match(next, { state: 'pending', failures: 1, dueAt: T0 + 10 + 5 * SECOND })
  }
  t.match(tried(aDelivery(), unanswered).tries, [
    { status: null, message: 'No response was received in time.' },
  ])
})

t.test('waits double from five seconds to an hour, for a day, and then it is given up', async (t) => {
  let delivery = aDelivery()
  const waits: number[] = []
  let at = T0
  while (delivery.state === 'pending') {
    delivery = tried(delivery, answered(500), at)
    if (delivery.dueAt === null) break
    waits.push(Math.round((delivery.dueAt - at) / SECOND))
    at = delivery.dueAt
  }
  t.same(waits.slice(0, 11), [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600])
  t.equal(Math.max(...waits), 3600)
  t.equal(delivery.state, 'failed')
  t.ok(at > T0 + DAY - HOUR - SECOND && at <= T0 + DAY, 'the last try is in the last hour of the day')
  t.ok(delivery.tries.length < 50 && delivery.tries.length === delivery.failures, 'all tries are told')
})

function wait(outcome: DeliveryOutcome, random: number): number {
  return (tried(aDelivery(), outcome, T0, random).dueAt ?? 0) - T0 - 10
}

t.test('waits are spread, and a receiver may ask for a longer one, up to an hour', async (t) => {
  t.equal(wait(unanswered, 0), 4500)
  t.equal(wait(unanswered, 0.999), 5499)
  t.equal(wait(answered(429, 60_000), 0.5), 60_000)
  t.equal(wait(answered(503, 1000), 0.5), 5000)
  t.equal(wait(answered(503, 2 * DAY), 0.5), HOUR)
})

t.test('what is asked for again starts anew, and keeps what was tried', async (t) => {
  const given = tried({ ...aDelivery(), failures: 9 }, answered(410))
  const again = askedAgain(given, T0 + DAY)
  t.same(again, { ...given, state: 'pending', failures: 0, dueAt: T0 + DAY, expiresAt: T0 + 2 * DAY })
  t.match(tried(again, answered(500), T0 + DAY), { failures: 1, dueAt: T0 + DAY + 10 + 5 * SECOND })
})

t.test('no more than fifty tries are kept', async (t) => {
  let delivery = aDelivery()
  for (let count = 0; count < 80; count++) delivery = tried(delivery, answered(500), T0 + count)
  t.equal(delivery.tries.length, 50)
  t.equal(delivery.tries.at(-1)?.at, T0 + 79)
})
