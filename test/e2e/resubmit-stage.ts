import type { Test } from 'tap'
import { startVendorProxy } from '../fixtures/vendor-proxy.ts'
import { keys, official, startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'
import { queryStorage } from './test-storage.ts'

export const scene = { prompt: 'a paper boat in the rain', duration: 8 }
export const operator = { authorization: `Bearer ${keys.other}` }
export const trusted = { authorization: `Bearer ${keys.bank}` }
const scopes = { other: { scopes: ['operate'] }, bank: { scopes: ['operate', 'operate_prompts'] } }

/** What each of the two charges for the scene, in USD. */
export const price = { first: 0.8, second: 2.4 }

/**
 * Three vendors. The first accepts every job and its answer is lost while `firstLoses`; so it is with the second while
 * `secondLoses`. Their lists of jobs fail while `hides`.
 */
export async function startLosing(t: Test) {
  const proxies = { first: await startVendorProxy(t), second: await startVendorProxy(t) }
  const upstreams = [
    { ...official, id: 'first' },
    { ...official, id: 'second', price: { perSecondUsd: { default: 0.3 } } },
    { ...official, id: 'third', price: { perSecondUsd: { default: 0.5 } } },
  ]
  const gateway = await startGateway(t, {
    upstreams,
    keys: scopes,
    settings: { first: { base_url: proxies.first.url }, second: { base_url: proxies.second.url } },
    routing: { unknown_hold_seconds: 30 },
  })
  const state = { firstLoses: true, secondLoses: false, hides: true }
  for (const id of ['first', 'second'] as const) {
    const proxy = proxies[id]
    proxy.forwardTo(gateway.simulator.baseUrl(id))
    proxy.answerWith(({ method, path }) => {
      if (method === 'POST' && state[`${id}Loses`]) return { status: 502, body: '<html>' }
      if (!state.hides || method !== 'GET' || !/^\/videos(\?|$)/.test(path)) return null
      // A list without the job would say in the end that it was not taken.
      return { status: 503, body: '{}' }
    })
  }
  return { gateway, state, proxies }
}

/** A generation whose first attempt is unknown. */
export async function unknownOne(gateway: Gateway, body: object = scene, headers = {}) {
  const made = await gateway.call('POST', '/generate', body, headers)
  if (made.status !== 202) throw new Error(JSON.stringify(made.body))
  await gateway.advance(0)
  const { body: generation } = await gateway.call('GET', `/generations/${made.body.id}`, undefined, headers)
  const [attempt] = generation.attempts
  if (attempt?.state !== 'unknown') throw new Error(JSON.stringify(generation))
  return { id: String(made.body.id), attemptId: String(attempt.id) }
}

export function resubmit(gateway: Gateway, id: string, body: object = { accept_two_bills: true }, as = {}) {
  return gateway.call('POST', `/generations/${id}/resubmit`, body, as)
}

export function renders(gateway: Gateway): string[] {
  return gateway.simulator.control.renders().map(({ upstream }) => upstream)
}

/** Sums of the ledger and of the totals of keys, in micro-dollars. */
export async function ledgerOf(gateway: Gateway) {
  const [row] = await queryStorage(
    gateway.directory,
    `select (select sum(cost_micros) from attempts where cost_state = 'settled') as settled,
        (select coalesce(sum(reserved_micros), 0) from attempts where cost_state = 'reserved') as reserved,
        (select sum(micros) from key_months) as spent, (select sum(micros) from key_open) as open,
        (select sum(generations) from key_open) as generations`,
  )
  return row
}
