import type { Test } from 'tap'
import { keys, official, reverse, startGateway } from '../e2e/gateway.ts'
import type { Gateway } from '../e2e/gateway.ts'
import type { SimulatedUpstream } from '../../src/simulator/simulated-upstream.ts'

/** Administers and operates, and may see everybody's work. */
export const everyScope = ['generate', 'read', 'admin', 'observe', 'operate', 'operate_prompts']

/** Charges when it accepts, so that what is cancelled was paid. */
const prepaid: SimulatedUpstream = {
  ...reverse,
  id: 'prepaid',
  apiKey: 'prepaid-key-0001',
  price: { perRequestUsd: 0.15 },
  chargedOn: 'create',
}

/** Renders for as long as anybody looks. */
const workstation: SimulatedUpstream = {
  ...official,
  id: 'workstation',
  kind: 'self_hosted',
  apiKey: 'workstation-key-01',
  models: ['wan-2'],
  price: { perSecondUsd: { default: 0.02 } },
  render: { milliseconds: 600_000 },
}

const quick = { milliseconds: 400 }

/** A gateway that works by itself, with three kinds of upstreams, and a key of every scope (`keys.studio` cannot be given more). */
export function startLive(t: Test, allowed: readonly string[] = everyScope): Promise<Gateway> {
  return startGateway(t, {
    live: true,
    upstreams: [
      { ...reverse, render: quick },
      { ...prepaid, render: { milliseconds: 3000 } },
      { ...official, render: quick },
      workstation,
    ],
    settings: Object.fromEntries(
      [reverse, prepaid, official, workstation].map(({ id }) => [
        id,
        {
          poll: { first_after_seconds: 0.2, every_seconds: 0.2 },
          timeouts: {
            connect_seconds: 5,
            create_seconds: 2,
            stall_seconds: id === 'workstation' ? 600 : 3,
            attempt_seconds: 900,
          },
        },
      ]),
    ),
    keys: { other: { scopes: [...allowed], monthly_budget_usd: 6 }, bank: { monthly_budget_usd: 50 } },
  })
}

export const everyKey = keys.other

const as = { authorization: `Bearer ${everyKey}` }
const only = (...upstreams: string[]) => ({ routing: { upstreams } })

async function made(gateway: Gateway, path: string, body: object): Promise<{ id: string; status: string }> {
  const { status, body: answer } = await gateway.call('POST', path, body, as)
  if (status >= 300) throw new Error(`${path}: ${JSON.stringify(answer)}`)
  return answer
}

/** Waits until a generation has come as far as it says. */
export async function until(
  gateway: Gateway,
  id: string,
  reached: (generation: { status: string; attempts: Array<{ state: string }> }) => boolean,
): Promise<void> {
  const end = Date.now() + 30_000
  for (;;) {
    const { body } = await gateway.call('GET', `/generations/${id}`, undefined, as)
    if (reached(body)) return
    if (Date.now() > end) throw new Error(`${id} stays ${JSON.stringify(body)}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const scenes = [
  'pours a cappuccino in the morning light, close-up, steam rising',
  'walks on the beach at sunset, wide shot, wind in her hair',
  'counts the stars from the roof',
  'reads a letter in the last tram home',
]

const ended = ({ status }: { status: string }) => ['completed', 'failed', 'cancelled'].includes(status)
const inState = (state: string) => (generation: { attempts: Array<{ state: string }> }) =>
  generation.attempts.some((attempt) => attempt.state === state)

/** Work in every state that a person may see: delivered, fallen back, refused, failed, unknown, overdue, cancelled after it was paid, running. */
export async function fillGateway(gateway: Gateway): Promise<void> {
  const { control } = gateway.simulator
  const generate = (prompt: string, more: object = {}) =>
    made(gateway, '/generate', { prompt, duration: 5, size: '320x240', ...more })

  await made(gateway, '/characters', {
    name: 'coffee_girl',
    description: 'a young woman in a green apron, short black hair',
    video_url: `${gateway.simulator.origin}/clips/coffee-girl.mp4?seconds=3&size=640x360`,
  })
  await made(gateway, '/characters', {
    name: 'night_watchman',
    description: 'an old man with a lantern and a long coat',
    video_url: `${gateway.simulator.origin}/clips/watchman.mp4?seconds=3&size=640x360`,
  })
  for (const scene of scenes) {
    const { id } = await generate(`@coffee_girl ${scene}`)
    await until(gateway, id, ended)
  }
  const portrait = await generate('@night_watchman lights his lantern under the bridge', { size: '240x320' })
  await until(gateway, portrait.id, ended)

  control.setFaults('reseller', [{ kind: 'fails_late', times: 1 }])
  await until(gateway, (await generate('@coffee_girl feeds the gulls on the quay')).id, ended)

  control.setFaults('reseller', [{ kind: 'refused', times: 1 }])
  await until(gateway, (await generate('A famous actor robs a bank')).id, ended)

  control.setFaults('reseller', [{ kind: 'fails_late', times: 1 }])
  await until(gateway, (await generate('A hand draws a map in the sand', only('reseller'))).id, ended)

  control.setFaults('reseller', [{ kind: 'hang', on: ['create'], times: 1 }])
  await until(gateway, (await generate('The tide takes the map', only('reseller'))).id, inState('unknown'))

  control.setFaults('reseller', [{ kind: 'stuck', times: 1 }])
  const stuck = await generate('@night_watchman waits for the last ferry', only('reseller'))

  const paid = await generate('A paper boat sails down a rainy street', only('prepaid'))
  await until(gateway, paid.id, inState('running'))
  await gateway.call('POST', `/generations/${paid.id}/cancel`, undefined, as)

  for (const prompt of ['Lanterns float over the harbour', 'Snow falls on an empty stage'])
    await generate(prompt, { model: 'wan-2', ...only('workstation') })

  await made(gateway, '/comparisons', {
    character: 'coffee_girl',
    scenes: ['@coffee_girl waters the plants', '@coffee_girl closes the shutters'],
    runs: 1,
    upstreams: ['reseller', 'official'],
    duration: 5,
    max_cost_usd: 5,
  })
  await until(gateway, stuck.id, inState('abandoned'))
}
