import type { Test } from 'tap'
import { keys, official, reverse, startGateway } from '../e2e/gateway.ts'
import type { Answer, Gateway } from '../e2e/gateway.ts'

const as = { authorization: `Bearer ${keys.studio}` }
const quick = { render: { milliseconds: 300 } }
const settings = {
  poll: { first_after_seconds: 0.2, every_seconds: 0.2 },
  timeouts: { connect_seconds: 10, create_seconds: 20 },
}

/** A gateway that works by itself, with a character to compare unless there is to be none. The two upstreams sell lengths of 5 and of 8 seconds. */
export async function startCompareStage(t: Test, { hasCharacter = true } = {}): Promise<Gateway> {
  const gateway = await startGateway(t, {
    live: true,
    upstreams: [
      { ...reverse, ...quick },
      { ...official, durations: [8], ...quick },
    ],
    settings: { reseller: settings, official: settings },
  })
  if (!hasCharacter) return gateway
  const made = await gateway.call(
    'POST',
    '/characters',
    {
      name: 'coffee_girl',
      description: 'a young woman in a green apron',
      video_url: `${gateway.simulator.origin}/clips/girl.mp4?seconds=3&size=320x240`,
    },
    as,
  )
  if (made.status !== 201) throw new Error(JSON.stringify(made.body))
  return gateway
}

/** Waits, in real time, until the comparison has ended. */
export async function comparisonEnded(gateway: Gateway, id: string): Promise<Answer['body']> {
  const until = Date.now() + 60_000
  for (;;) {
    const { body } = await gateway.call('GET', `/comparisons/${id}`, undefined, as)
    if (body.status === 'completed') return body
    if (Date.now() > until) throw new Error(`${id} did not end: ${JSON.stringify(body.cells)}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** A comparison that has ended. */
export async function makeComparison(gateway: Gateway, more: object): Promise<Answer['body']> {
  const body = {
    character: 'coffee_girl',
    scenes: ['@coffee_girl walks on the beach'],
    upstreams: ['reseller', 'official'],
    duration: 5,
    max_cost_usd: 20,
    ...more,
  }
  const made = await gateway.call('POST', '/comparisons', body, as)
  if (made.status !== 202) throw new Error(JSON.stringify(made.body))
  return comparisonEnded(gateway, made.body.id)
}
