import type { SimulatedUpstream } from './simulated-upstream.ts'

/** The upstreams of a first run: one of each kind. */
export const demoUpstreams: SimulatedUpstream[] = [
  {
    id: 'sim-reverse',
    kind: 'reverse',
    dialect: 'sora-tasks',
    apiKey: 'sim-reverse-key',
    models: ['sora-2'],
    durations: [5, 10, 15],
    sizes: ['1280x720', '720x1280'],
    price: { perRequestUsd: 0.12 },
    chargedOn: 'success',
    render: { milliseconds: 2500 },
    characters: true,
  },
  {
    id: 'sim-official',
    kind: 'official',
    dialect: 'openai-videos',
    apiKey: 'sim-official-key',
    models: ['sora-2', 'sora-2-pro'],
    durations: [4, 8, 12],
    sizes: ['1280x720', '720x1280'],
    price: { perSecondUsd: { default: 0.1 } },
    chargedOn: 'success',
    render: { milliseconds: 3000 },
    characters: false,
  },
  {
    id: 'sim-selfhosted',
    kind: 'self_hosted',
    dialect: 'openai-videos',
    apiKey: 'sim-selfhosted-key',
    models: ['wan-2'],
    durations: Array.from({ length: 20 }, (_, index) => index + 1),
    sizes: ['832x480', '480x832', '1280x720', '720x1280', '1024x1024'],
    price: { perSecondUsd: { default: 0.02 } },
    chargedOn: 'success',
    render: { milliseconds: 3000 },
    characters: false,
  },
]
