import { stringify } from 'yaml'
import { demoUpstreams } from '../simulator/demo-upstreams.ts'
import { startSimulator } from '../simulator/simulator.ts'
import type { Simulator } from '../simulator/simulator.ts'
import type { SimulatedUpstream } from '../simulator/simulated-upstream.ts'

/**
 * Starts the simulator for a gateway without a configuration; `text` is the configuration that uses it. Import this module
 * only then: it loads the whole simulator, which costs every other start time and memory.
 */
export async function startBuiltin(): Promise<{ simulator: Simulator; text: string }> {
  const simulator = await startSimulator({ upstreams: demoUpstreams })
  return { simulator, text: builtinConfig(simulator, demoUpstreams) }
}

/** The configuration of a first start without a file: the simulator's upstreams, at a pace fit for trying things out. */
export function builtinConfig(simulator: Simulator, upstreams: readonly SimulatedUpstream[]): string {
  return stringify({
    routing: { model: 'sora-2', priority: 'cost' },
    fetch: { allow_private_hosts: ['127.0.0.1'] },
    // The profile `observe` of docker-compose.yml reads them.
    metrics: { enabled: true },
    upstreams: upstreams.map((upstream) => ({
      id: upstream.id,
      kind: upstream.kind,
      dialect: upstream.dialect,
      base_url: simulator.baseUrl(upstream.id),
      api_key: upstream.apiKey,
      models: Object.fromEntries(upstream.models.map((model) => [model, model])),
      ...(upstream.durations && { durations: upstream.durations }),
      ...(upstream.sizes && { sizes: upstream.sizes }),
      ...(upstream.dialect === 'openai-videos' && { references: ['image', 'video'] }),
      ...(upstream.characters
        ? { characters: 'native', max_characters: 5 }
        : upstream.dialect === 'openai-videos' && { characters: 'reference' }),
      price: {
        ...('perRequestUsd' in upstream.price
          ? { per_request_usd: upstream.price.perRequestUsd }
          : { per_second_usd: upstream.price.perSecondUsd }),
        charged_on: upstream.chargedOn,
      },
      poll: { first_after_seconds: 0.5, every_seconds: 0.5 },
      timeouts: { connect_seconds: 2, create_seconds: 10, stall_seconds: 60, attempt_seconds: 300 },
      breaker: { failure_rate: 0.5, window_seconds: 30, min_calls: 3, open_seconds: 5 },
    })),
  })
}
