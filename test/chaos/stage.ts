import type { SimulatedUpstream } from '../../src/simulator/simulated-upstream.ts'
import type { Simulator } from '../../src/simulator/simulator.ts'
import { configText, official, reverse } from '../e2e/gateway.ts'
import type { Random } from './random.ts'

/** A reseller without a list that charges when it accepts, and two vendors with a list that charge when they deliver. */
export function castOf(random: Random): SimulatedUpstream[] {
  const render = () => ({ milliseconds: random.int(100, 600) })
  return [
    { ...reverse, chargedOn: 'create', render: render() },
    { ...official, render: render(), pollAfterMs: 200 },
    {
      ...official,
      id: 'own-gpu',
      kind: 'self_hosted',
      apiKey: 'own-gpu-key-00001',
      price: { perSecondUsd: { default: 0.02 } },
      durations: [4, 5, 8, 10],
      render: render(),
      pollAfterMs: 200,
    },
  ]
}

const holdSeconds = 2

/** The configuration with short waits, so that one minute covers the lives of many generations. */
export function chaosConfig(
  simulator: Simulator,
  upstreams: SimulatedUpstream[],
  directory: string,
  deadlineSeconds: number,
): string {
  const settings = {
    poll: { first_after_seconds: 0.2, every_seconds: 0.2 },
    timeouts: { connect_seconds: 1, create_seconds: 1, stall_seconds: 5, attempt_seconds: 30 },
    breaker: { failure_rate: 0.7, window_seconds: 5, min_calls: 8, open_seconds: 0.5 },
    limits: { max_in_flight: 40 },
  }
  return configText(simulator, upstreams, directory, {
    routing: { unknown_hold_seconds: holdSeconds, deadline_seconds: deadlineSeconds },
    settings: Object.fromEntries(upstreams.map(({ id }) => [id, settings])),
  })
}
