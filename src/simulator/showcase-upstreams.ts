import type { DialectName, ProfileName, SimulatedUpstream } from './simulated-upstream.ts'

/** Common to all of them: short clips of both shapes at a reseller's price. */
const common = {
  models: ['sora-2'],
  durations: [4, 5, 8, 10, 12, 15],
  sizes: ['1280x720', '720x1280'],
  price: { perRequestUsd: 0.12 },
  chargedOn: 'success',
  render: { milliseconds: 2500 },
  characters: true,
} satisfies Partial<SimulatedUpstream>

function speaker(profile: ProfileName, quirks: Partial<SimulatedUpstream> = {}): SimulatedUpstream {
  const id = `sim-${profile}`
  return {
    id,
    kind: 'official',
    dialect: 'openai-videos',
    profile,
    apiKey: `${id}-key`,
    ...common,
    ...quirks,
  }
}

function reseller(dialect: DialectName, quirks: Partial<SimulatedUpstream> = {}): SimulatedUpstream {
  const id = `sim-${dialect}`
  return { id, kind: 'reverse', dialect, apiKey: `${id}-key`, ...common, ...quirks }
}

/** A vendor that accepts frames and references, and stores no characters. */
function living(dialect: DialectName, quirks: Partial<SimulatedUpstream>): SimulatedUpstream {
  return reseller(dialect, { kind: 'official', characters: false, ...quirks })
}

/** One vendor for every dialect and profile that is not in `demoUpstreams`; only `npm run simulate` uses them. */
export const showcaseUpstreams: SimulatedUpstream[] = [
  speaker('azure'),
  speaker('new-api', { kind: 'reverse', characterStyles: ['sync', 'job', 'inline'] }),
  speaker('vllm-omni', { kind: 'self_hosted' }),
  speaker('sglang', { kind: 'self_hosted' }),
  speaker('trtllm', { kind: 'self_hosted' }),
  speaker('gemini-compat', { models: ['veo-3.1'] }),
  reseller('create-query'),
  reseller('v2-generations'),
  reseller('kie-jobs', { models: ['sora-2-text-to-video', 'sora-2-image-to-video'] }),
  reseller('grsai'),
  reseller('fal-queue', { models: ['fal-ai/sora-2/text-to-video', 'fal-ai/sora-2/image-to-video'] }),
  reseller('wavespeed', { models: ['openai/sora-2/text-to-video', 'openai/sora-2/image-to-video'] }),
  reseller('volc-asset', { models: ['seedance'] }),
  living('ark-tasks', {
    models: ['dreamina-seedance-2-0-260128'],
    price: { perSecondUsd: { default: 0.142 } },
  }),
  living('minimax-v2', { models: ['MiniMax-H3'], price: { perSecondUsd: { default: 0.08 } } }),
  living('xai', { models: ['grok-imagine-video-1.5'], price: { perSecondUsd: { default: 0.14 } } }),
  living('pixverse', { models: ['v6'], price: { perSecondUsd: { default: 0.045 } } }),
  living('dashscope', { models: ['wan3.0-video'], price: { perSecondUsd: { default: 0.1 } } }),
  living('kling', {
    models: ['kling-v3-omni', 'kling-v3'],
    sizes: ['1280x720', '720x1280', '1920x1080', '1080x1920'],
    characters: true,
    price: { perSecondUsd: { default: 0.12, '1920x1080': 0.16, '1080x1920': 0.16 } },
  }),
  living('runway', {
    models: ['gen4.5', 'gen4_turbo', 'aleph2', 'seedance2'],
    price: { perSecondUsd: { default: 0.12 } },
  }),
  living('vidu', {
    models: ['viduq2-pro', 'viduq2', 'viduq3-pro', 'viduq3'],
    characters: true,
    price: { perSecondUsd: { default: 0.15 } },
  }),
  living('luma', { models: ['ray-3.2'], durations: [5, 10], price: { perSecondUsd: { default: 0.2 } } }),
  living('replicate', {
    models: ['bytedance/seedance-2.0', 'google/veo-3.1'],
    price: { perSecondUsd: { default: 0.2 } },
  }),
  living('openrouter', { models: ['google/veo-3.1'], price: { perSecondUsd: { default: 0.4 } } }),
  living('veo', {
    models: ['veo-3.1-generate-preview'],
    durations: [4, 6, 8],
    price: { perSecondUsd: { default: 0.4 } },
  }),
  living('gemini-omni', { models: ['gemini-omni-1.1-flash'], price: { perSecondUsd: { default: 0.1 } } }),
]
