import sharp from 'sharp'
import t from 'tap'
import type { Test } from 'tap'
import type { MediaSource } from '../../src/gateway/ports/upstream.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import type { SimulatedUpstream } from '../../src/simulator/simulator.ts'
import { createUpstreamDirectory } from '../../src/gateway/upstreams/upstream-directory.ts'
import { upstreamContract } from '../contract/upstream.suite.ts'
import type { Files, StageOptions, UpstreamStage } from '../contract/upstream-stage.ts'
import { settings, spec } from './fixtures.ts'
import { fakeRemote, noLogger, startHttp } from './loopback.ts'

const simulated = (id: string, changes: Partial<SimulatedUpstream>): SimulatedUpstream => ({
  id,
  kind: 'official',
  dialect: 'openai-videos',
  apiKey: `key-of-${id}`,
  models: ['sora-2'],
  durations: [5],
  sizes: ['160x90'],
  price: { perRequestUsd: 0.12 },
  chargedOn: 'success',
  render: { polls: 2 },
  characters: true,
  oneClip: true,
  ...changes,
})

interface Row {
  name: string
  vendor: Partial<SimulatedUpstream>
  /** Of the upstream that is configured for it. */
  profile?: string
  traits?: Record<string, unknown>
  /** Its preset, where a service of it is below the vendor's host here. */
  services?: Record<string, string>
  can?: Partial<UpstreamStage['can']>
}

const allFiles = ['open', 'guarded', 'signed'] as const
const usual: UpstreamStage['can'] = {
  cancel: false,
  list: false,
  reference: false,
  image: false,
  characters: true,
  inline: false,
  progress: true,
  sources: 'none',
  files: allFiles,
  statusOnFiles: true,
}
const official = { list: 'whole', reference: true, image: true, sources: 'all', files: [] } as const
const server = { ...official, cancel: true, characters: false, sources: 'none' } as const
const relay = { reference: true, image: true, inline: true, sources: 'remix', files: [] } as const

const typedMedia = { reference: true, image: true, characters: false, progress: false } as const

/** Every dialect and every profile, each against the vendor that the simulator plays from the facts. */
const rows: Row[] = [
  { name: 'openai-videos', vendor: {}, can: official },
  {
    name: 'openai-videos, azure',
    vendor: { profile: 'azure' },
    profile: 'azure',
    can: { ...official, sources: 'remix' },
  },
  {
    name: 'openai-videos with JSON, at a sparse server',
    vendor: {
      kind: 'self_hosted',
      sparse: true,
      createStatus: 202,
      characterStyles: ['official', 'inline'],
      remixes: true,
    },
    profile: 'generic',
    can: { ...official, cancel: true, list: 'partial', inline: true },
  },
  {
    name: 'openai-videos, vllm-omni',
    vendor: { profile: 'vllm-omni' },
    profile: 'vllm-omni',
    can: { ...server, progress: 'zero' },
  },
  {
    name: 'openai-videos, sglang',
    vendor: { profile: 'sglang' },
    profile: 'sglang',
    can: { ...server, cancel: false },
  },
  {
    name: 'openai-videos, trtllm',
    vendor: { profile: 'trtllm', silentRefusals: false },
    profile: 'trtllm',
    can: server,
  },
  {
    name: 'openai-videos, gemini-compat',
    vendor: { profile: 'gemini-compat' },
    profile: 'gemini-compat',
    can: { image: true, characters: false, files: ['guarded'] },
  },
  {
    name: 'openai-videos, new-api',
    vendor: { profile: 'new-api', characterStyles: ['sync', 'inline'] },
    profile: 'new-api',
    traits: { character_model: 'sora-2-character' },
    can: relay,
  },
  {
    name: 'openai-videos, new-api with URLs',
    vendor: { profile: 'new-api', characterStyles: ['sync', 'inline'], urlField: 'metadata.url' },
    profile: 'new-api',
    traits: { character_model: 'sora-2-character' },
    can: { ...relay, files: allFiles },
  },
  {
    name: 'openai-videos, new-api with characters made by a job and ids with a colon',
    vendor: { profile: 'new-api', characterStyles: ['job', 'inline'], idForm: 'colon' },
    profile: 'new-api',
    traits: { characters: 'job' },
    can: relay,
  },
  {
    name: 'openai-videos, new-api with JSON and handles that come late (kfcv50)',
    vendor: { profile: 'new-api', characterStyles: ['job'], characterPending: 'null_handle' },
    profile: 'new-api',
    traits: { encoding: 'json', reference_as: 'url', characters: 'job', inline_characters: false },
    can: { ...relay, inline: false },
  },
  { name: 'sora-tasks', vendor: { dialect: 'sora-tasks' } },
  { name: 'sora-tasks with errors as objects', vendor: { dialect: 'sora-tasks', taskError: 'object' } },
  { name: 'create-query', vendor: { dialect: 'create-query' }, can: { image: true } },
  { name: 'v2-generations', vendor: { dialect: 'v2-generations' }, can: { image: true, inline: true } },
  {
    name: 'kie-jobs',
    vendor: { dialect: 'kie-jobs', models: ['sora-2-text-to-video', 'sora-2-image-to-video'] },
    can: { image: true, statusOnFiles: false },
  },
  {
    name: 'kie-jobs with HTTP statuses',
    vendor: {
      dialect: 'kie-jobs',
      models: ['sora-2-text-to-video', 'sora-2-image-to-video'],
      errorsIn200: false,
    },
    can: { image: true },
  },
  { name: 'grsai', vendor: { dialect: 'grsai' }, can: { image: true, statusOnFiles: false } },
  {
    name: 'fal-queue',
    vendor: { dialect: 'fal-queue', models: ['fal-ai/sora-2/text-to-video', 'fal-ai/sora-2/image-to-video'] },
    can: { image: true, progress: false },
  },
  {
    name: 'wavespeed',
    vendor: { dialect: 'wavespeed', models: ['openai/sora-2/text-to-video', 'openai/sora-2/image-to-video'] },
    can: { image: true, progress: false },
  },
  {
    name: 'wavespeed with every error inside a 200',
    vendor: {
      dialect: 'wavespeed',
      models: ['openai/sora-2/text-to-video', 'openai/sora-2/image-to-video'],
      errorsIn200: true,
    },
    can: { image: true, progress: false, statusOnFiles: false },
  },
  {
    name: 'volc-asset',
    vendor: { dialect: 'volc-asset' },
    can: { image: true },
  },
  {
    name: 'comfyui',
    vendor: { dialect: 'comfyui' },
    can: { image: true, characters: false, progress: false, words: false, cancel: 'asked', files: [] },
  },
  {
    name: 'openrouter',
    vendor: { dialect: 'openrouter', models: ['google/veo-3.1'], characters: false },
    can: typedMedia,
  },
  {
    name: 'ark-tasks',
    vendor: {
      dialect: 'ark-tasks',
      models: ['dreamina-seedance-2-0-260128'],
      characters: false,
      queuePolls: 1,
    },
    can: { ...typedMedia, list: 'partial', cancel: 'asked' },
  },
  {
    name: 'ark-tasks with its asset library',
    vendor: {
      dialect: 'ark-tasks',
      models: ['dreamina-seedance-2-0-260128'],
      queuePolls: 1,
      keyPair: { accessKey: 'access-key-of-ark', secretKey: 'secret-key-of-ark' },
    },
    services: { assets: '/openapi' },
    can: { ...typedMedia, characters: true, list: 'partial', cancel: 'asked' },
  },
  {
    name: 'minimax-v2',
    vendor: { dialect: 'minimax-v2', models: ['MiniMax-H3'], characters: false },
    can: { ...typedMedia, list: 'partial' },
  },
  {
    name: 'luma',
    vendor: { dialect: 'luma', models: ['ray-3.2'], characters: false },
    can: { characters: false, progress: false },
  },
  {
    name: 'replicate',
    vendor: { dialect: 'replicate', models: ['bytedance/seedance-2.0'], characters: false },
    can: { ...typedMedia, list: 'partial', cancel: 'asked' },
  },
  {
    name: 'xai',
    vendor: { dialect: 'xai', models: ['grok-imagine-video-1.5'], characters: false },
    can: { image: true, characters: false },
  },
  {
    name: 'dashscope',
    vendor: { dialect: 'dashscope', models: ['wan3.0-video'], characters: false },
    can: { ...typedMedia, list: 'partial', cancel: 'asked', statusOnFiles: false },
  },
  {
    name: 'dashscope with HTTP statuses',
    vendor: { dialect: 'dashscope', models: ['wan3.0-video'], characters: false, errorsIn200: false },
    can: { ...typedMedia, list: 'partial', cancel: 'asked' },
  },
  {
    name: 'runway',
    vendor: { dialect: 'runway', models: ['seedance2'], characters: false },
    can: { ...typedMedia, progress: true, cancel: 'asked' },
  },
  {
    name: 'kling',
    vendor: { dialect: 'kling', models: ['kling-v3-omni'] },
    can: { ...typedMedia, characters: true },
  },
  {
    name: 'kling with a path for each kind of input',
    vendor: { dialect: 'kling', models: ['kling-v3'] },
    can: { progress: false },
  },
  ...[true, false].map((errorsIn200) => ({
    name: `pixverse with ${errorsIn200 ? 'errors inside a 200' : 'HTTP statuses'}`,
    vendor: { dialect: 'pixverse' as const, models: ['v6'], characters: false, errorsIn200 },
    can: { image: true, characters: false, progress: false, reasons: false, statusOnFiles: !errorsIn200 },
  })),
  {
    name: 'vidu',
    vendor: { dialect: 'vidu', models: ['viduq2-pro', 'viduq2'] },
    can: { ...typedMedia, characters: true, cancel: 'asked' },
  },
  {
    name: 'veo',
    vendor: { dialect: 'veo', models: ['veo-3.1-generate-preview'], characters: false },
    can: { image: true, characters: false, progress: false, words: false },
  },
  {
    name: 'gemini-omni',
    vendor: { dialect: 'gemini-omni', models: ['gemini-omni-1.1-flash'], characters: false },
    can: { image: true, characters: false, progress: false, cancel: 'asked' },
  },
]
const idOf = (index: number) => `vendor-${index}`
const withFiles = (id: string, files: Files | undefined) => (files === undefined ? id : `${id}-${files}`)
/** One for each way in which its files may be guarded. */
const upstreams = rows.flatMap(({ vendor, can }, index) => [
  simulated(idOf(index), vendor),
  ...(can?.files ?? usual.files).map((files) =>
    simulated(withFiles(idOf(index), files), { ...vendor, files }),
  ),
])
const simulator = await startSimulator({ upstreams })
t.teardown(() => simulator.close())

/** The simulator's clip as a file of ours, at an address that the simulator can fetch. */
async function sampleClip(): Promise<MediaSource> {
  const url = `${simulator.origin}/clips/fox.mp4?seconds=3&size=160x90`
  const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer())
  async function* open() {
    yield bytes
  }
  return { contentType: 'video/mp4', fileName: 'fox.mp4', bytes: bytes.length, url, open }
}
const clip = await sampleClip()

async function imageOf(): Promise<MediaSource> {
  const bytes = await sharp({ create: { width: 160, height: 90, channels: 3, background: 'teal' } })
    .png()
    .toBuffer()
  async function* open() {
    yield bytes
  }
  const server = await startHttp(t, (_request, response) =>
    response.writeHead(200, { 'content-type': 'image/png' }).end(bytes),
  )
  const url = `http://127.0.0.1:${server.port}/ref.png`
  return { contentType: 'image/png', fileName: 'ref.png', bytes: bytes.length, url, open }
}
const image = await imageOf()

function stageOf({ vendor, profile, traits = {}, services = {}, can = {} }: Row, usualId: string) {
  return async (t: Test, options: StageOptions = {}): Promise<UpstreamStage> => {
    simulator.control.reset()
    const id = withFiles(usualId, options.files)
    const { createMs = 5000, createServerError = 'unknown' } = options
    const { dialect = 'openai-videos', models = ['sora-2'] } = vendor
    const elsewhere = Object.entries(services).map(([name, path]) => [
      name,
      { base_url: `${simulator.hostUrl(id)}${path}` },
    ])
    const each = settings({
      ...(elsewhere.length > 0 && {
        description: { extends: dialect, services: Object.fromEntries(elsewhere) },
        keyPair: vendor.keyPair ?? null,
      }),
      spec: spec({ id, dialect, sizes: ['160x90'], durations: [5] }),
      baseUrl: simulator.baseUrl(id),
      apiKey: `key-of-${id}`,
      profile: profile ?? (dialect === 'openai-videos' ? 'openai' : 'generic'),
      traits,
      timeouts: { ...settings().timeouts, fetchHeadersMs: 20_000, createMs },
      // The suite fails on purpose more often than any breaker would bear.
      breaker: { failureRate: 1, windowMs: 60_000, minCalls: 1000, openMs: 60_000 },
      createServerError,
    })
    const deps = { remoteMedia: fakeRemote(), logger: noLogger, clock: Date }
    const directory = createUpstreamDirectory([each], deps)
    t.teardown(() => directory.close())
    const upstream = directory.get(id)
    const requests = () => simulator.control.requests()[id]
    if (upstream === undefined) throw new Error(`no upstream is called ${id}`)
    return {
      upstream,
      model: models[0] ?? 'sora-2',
      can: { ...usual, ...can },
      fault: (...faults) => simulator.control.setFaults(id, faults),
      renders: () => simulator.control.renders(id),
      requests: () => requests() ?? { create: 0, poll: 0, character_create: 0 },
      finish: (jobId) => simulator.control.finish(jobId),
      revokeCharacter: (handle) => simulator.control.revokeCharacter(handle),
      clip,
      image,
    }
  }
}

for (const [index, row] of rows.entries()) upstreamContract(t, row.name, stageOf(row, idOf(index)))
