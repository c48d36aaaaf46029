import { setTimeout as pause } from 'node:timers/promises'
import type { Test } from 'tap'
import { keys, startGateway } from './gateway.ts'
import type { Answer, Gateway } from './gateway.ts'

const patient = { timeouts: { connect_seconds: 10, create_seconds: 20 } }

/** A gateway with a reverse upstream of four slots, an official one, and a key that may have two generations in flight. */
export function startStage(t: Test): Promise<Gateway> {
  return startGateway(t, {
    settings: { reseller: { ...patient, limits: { max_in_flight: 4 } }, official: patient },
    keys: { other: { max_in_flight: 2 } },
  })
}

export const other = { authorization: `Bearer ${keys.other}` }
export const bank = { authorization: `Bearer ${keys.bank}` }

export async function makeCharacter(gateway: Gateway, name: string, headers = {}): Promise<Answer['body']> {
  const video = `${gateway.simulator.origin}/clips/girl.mp4?seconds=2&size=320x240`
  const body = { name, description: 'a woman in a green apron', video_url: video }
  const made = await gateway.call('POST', '/characters', body, headers)
  if (made.status !== 201) throw new Error(JSON.stringify(made.body))
  return made.body
}

export const places = ['on a beach', 'in a tram', 'at a market', 'in the snow', 'on a roof']

export function ask(name: string, more: object = {}) {
  return {
    character: name,
    scenes: places.map((place) => `@${name} walks ${place}`),
    runs: 3,
    upstreams: ['reseller', 'official'],
    duration: 5,
    max_cost_usd: 20,
    ...more,
  }
}

export async function finished(gateway: Gateway, id: string, headers = {}): Promise<Answer['body']> {
  for (let step = 0; step < 1000; step++) {
    const { body } = await gateway.call('GET', `/comparisons/${id}`, undefined, headers)
    if (body.status === 'completed') return body
    await gateway.advance(1000)
    // Child processes measure the videos in real time, so the held clock must not run ahead of them.
    await pause(20)
  }
  throw new Error(`${id} did not end`)
}
