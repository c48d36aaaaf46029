import { parse, stringify } from 'yaml'
import type { Simulator } from '../../src/simulator/simulator.ts'
import type { SimulatedUpstream } from '../../src/simulator/simulated-upstream.ts'
import { chaosConfig } from '../chaos/stage.ts'
import { official } from '../e2e/gateway.ts'
import type { Proxy } from './proxy.ts'

/** The vendor without faults, for the probe only, and for misnamed requests of hostile clients. */
export const healthy: SimulatedUpstream = {
  ...official,
  id: 'healthy',
  apiKey: 'healthy-key-000001',
  models: ['probe'],
  render: { milliseconds: 500 },
}

export const ownKeys = { probe: 'probe-Ew3IdP7gJx6NqS0f', stranger: 'stranger-Oa9RtB4mUy2Kh' }

/** An upstream whose host does not resolve, and which is the cheapest: creates for it are never sent. */
const nameless = {
  id: 'nameless',
  base_url: 'http://nobody-at-all.invalid/v1',
  price: { per_request_usd: 0.01 },
}

/** The chaos configuration with its vendors behind proxies, on disks that may be full, at one address. */
export function faultsConfig(options: {
  simulator: Simulator
  upstreams: SimulatedUpstream[]
  proxies: ReadonlyMap<string, Proxy>
  directory: string
  port: number
  healthyUrl: string
}): string {
  const { simulator, upstreams, proxies, directory, port, healthyUrl } = options
  const config = parse(chaosConfig(simulator, upstreams, directory, 60))
  const [first] = config.upstreams
  const dear = config.upstreams.find(({ id }: { id: string }) => id === official.id)
  config.server.port = port
  for (const [name, key] of Object.entries(ownKeys)) config.auth.keys.push({ name, key })
  for (const upstream of config.upstreams) {
    const { origin } = proxies.get(upstream.id) ?? {}
    upstream.base_url = upstream.base_url.replace(simulator.origin, origin)
  }
  config.upstreams.push(
    { ...first, ...nameless },
    {
      ...dear,
      id: healthy.id,
      api_key: healthy.apiKey,
      base_url: healthyUrl,
      models: { probe: 'probe' },
      limits: { max_in_flight: 100 },
    },
  )
  return stringify(config)
}

/** Another valid configuration with different timeouts. */
export function changedConfig(text: string, number: number): string {
  const config = parse(text)
  config.routing.unknown_hold_seconds = 2 + (number % 2)
  config.upstreams[0].limits.max_in_flight = 40 + (number % 3)
  return stringify(config)
}

/** Invalid configurations, detected early or late. */
export function brokenConfig(text: string, number: number): string {
  const ways = [
    'upstreams: [',
    `${text}\nno_such_section: 1\n`,
    text.replace('sora-tasks', 'no-such-dialect'),
    '',
  ]
  return ways[number % ways.length] ?? ''
}
