import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import { keys, official, reverse, startGateway } from '../e2e/gateway.ts'
import type { Gateway } from '../e2e/gateway.ts'
import { everyKey, everyScope } from './full-stage.ts'

/** How many failed creates open a breaker here. */
export const minCalls = 3

export const everything = { authorization: `Bearer ${everyKey}` }

const quick = { poll: { first_after_seconds: 0.2, every_seconds: 0.2 } }
const times = { connect_seconds: 5, create_seconds: 1, stall_seconds: 60, attempt_seconds: 300 }

/** A gateway that works by itself, with a reseller whose breaker opens soon, and an official upstream behind it. */
export function startDesk(t: Test, scopes: readonly string[] = everyScope): Promise<Gateway> {
  const breaker = { failure_rate: 0.5, window_seconds: 300, min_calls: minCalls, open_seconds: 300 }
  return startGateway(t, {
    live: true,
    upstreams: [
      { ...reverse, render: { milliseconds: 200 } },
      { ...official, render: { milliseconds: 200 } },
    ],
    settings: {
      reseller: { ...quick, timeouts: times, breaker, limits: { max_in_flight: 4 } },
      official: { ...quick, timeouts: { ...times, create_seconds: 20 } },
    },
    keys: { other: { scopes: [...scopes] }, bank: { scopes: ['generate'] } },
  })
}

export const producerKey = keys.bank

/** Accepts a scene; the gateway renders it by itself. */
export async function accept(gateway: Gateway, prompt: string, upstreams: string[]): Promise<string> {
  const body = { prompt, duration: 5, size: '320x240', routing: { upstreams } }
  const { status, body: made } = await gateway.call('POST', '/generate', body, everything)
  if (status !== 202) throw new Error(JSON.stringify(made))
  return made.id
}

/** Waits until `isSo` holds of what a path answers. */
export async function until(
  gateway: Gateway,
  path: string,
  isSo: (body: any) => boolean,
  what: string,
): Promise<any> {
  const end = Date.now() + 20_000
  for (;;) {
    const { body } = await gateway.call('GET', path, undefined, everything)
    if (isSo(body)) return body
    if (Date.now() > end) throw new Error(`${what}: ${JSON.stringify(body).slice(0, 500)}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const isUnknown = (body: any) => body.attempts.some(({ state }: any) => state === 'unknown')
const isOpen = ({ data }: any) =>
  data.find(({ id }: any) => id === 'reseller').breakers.create.state === 'open'
const haveEnded = ({ by_status: { completed = 0 } }: any) => completed === minCalls

/** One create without an answer, then creates that fail until the breaker of the reseller is open. */
export async function makeSick(gateway: Gateway): Promise<{ unknown: string }> {
  const { control } = gateway.simulator
  control.setFaults('reseller', [{ kind: 'hang', on: ['create'], times: 1 }])
  const unknown = await accept(gateway, 'The tide takes the map', ['reseller', 'official'])
  await until(gateway, `/generations/${unknown}`, isUnknown, 'an unknown attempt')
  control.setFaults('reseller', [{ kind: 'down', on: ['create'] }])
  for (let call = 0; call < minCalls; call++)
    await accept(gateway, `A lighthouse in a storm, take ${call + 1}`, ['reseller', 'official'])
  await until(gateway, '/upstreams', isOpen, 'an open breaker')
  await until(gateway, '/generations/counts', haveEnded, 'the others are delivered elsewhere')
  return { unknown }
}

/** The row of the overview that speaks of something. */
export function line(page: Page, words: string | RegExp) {
  return page.locator('.desk-line').filter({ hasText: words })
}
