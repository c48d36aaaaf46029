import type { SimulatedUpstream } from '../../src/simulator/simulator.ts'
import type { client } from './stage.ts'
import { form, official, reseller, vendor } from './stage.ts'

type Ask = ReturnType<typeof client>
type Answer = Awaited<ReturnType<Ask>>

/** How a client of one dialect or profile requests a video, polls it, and reads the responses. */
export interface Driver {
  name: string
  upstream: SimulatedUpstream
  create: (ask: Ask, prompt: string) => Promise<Answer>
  idOf: (answer: Answer) => string
  poll: (ask: Ask, id: string) => Promise<Answer>
  /** The vendor's word for the job's state. */
  stateOf: (answer: Answer) => unknown
  words: { running: string; completed: string; failed: string }
  /** Where the poll has the video's URL; null for content endpoints and for vendors with a second call. */
  urlOf: ((answer: Answer) => unknown) | null
  /** The path of a finished video, if the poll does not return a URL. */
  content?: (id: string) => string
  /** The response for an unknown id. */
  unknown: { status: number; text: string }
  /** This vendor's message for overload. */
  overload: string
  /** Its polls report a failure only by a number. */
  isSilent?: boolean
}

const openaiWords = { running: 'in_progress', completed: 'completed', failed: 'failed' }
const saturated = '负载已饱和'

function openai(
  profile: NonNullable<SimulatedUpstream['profile']>,
  changes: Partial<Omit<Driver, 'upstream'>> & { body?: (prompt: string) => object | FormData } = {},
): Driver {
  const { body = (prompt) => ({ prompt, seconds: '4', size: '160x90' }), ...rest } = changes
  const kind = ['vllm-omni', 'sglang', 'trtllm'].includes(profile) ? 'self_hosted' : 'official'
  const upstream = official({ id: profile, profile, kind, models: ['sora-2'], durations: [4] })
  return {
    name: profile,
    upstream,
    create: (ask, prompt) => ask('POST', '/videos', body(prompt)),
    idOf: ({ json }) => json.id,
    poll: (ask, id) => ask('GET', `/videos/${id}`),
    stateOf: ({ json }) => json.status,
    words: openaiWords,
    urlOf: null,
    content: (id) => `/videos/${id}/content`,
    unknown: { status: 404, text: 'not found' },
    overload: 'under heavy load',
    ...rest,
  }
}

const multipart = (prompt: string) =>
  form([
    ['prompt', prompt],
    ['seconds', '4'],
    ['size', '160x90'],
  ])

/** Every dialect, and every profile of `openai-videos`. */
export const drivers: Driver[] = [
  openai('openai'),
  openai('azure'),
  openai('new-api', { unknown: { status: 404, text: 'task_not_exist' }, overload: saturated }),
  openai('vllm-omni', { body: multipart, overload: 'overloaded' }),
  openai('sglang', { overload: 'overloaded' }),
  openai('trtllm', {
    body: (prompt) => ({ prompt, seconds: 4, size: '160x90' }),
    words: { ...openaiWords, running: 'generating' },
    overload: 'overloaded',
  }),
  openai('gemini-compat', {
    body: (prompt) =>
      form([
        ['model', 'sora-2'],
        ['prompt', prompt],
        ['duration_seconds', '4'],
        ['aspect_ratio', '16:9'],
      ]),
    words: { ...openaiWords, running: 'processing' },
    urlOf: ({ json }) => json.url,
    overload: 'The model is overloaded',
  }),
  {
    name: 'sora-tasks',
    upstream: reseller(),
    create: (ask, prompt) => ask('POST', '/sora/generate', { prompt, duration: 5 }),
    idOf: ({ json }) => json.task_id,
    poll: (ask, id) => ask('GET', `/sora/tasks/${id}`),
    stateOf: ({ json }) => json.status,
    words: { running: 'processing', completed: 'completed', failed: 'failed' },
    urlOf: ({ json }) => json.video_url,
    unknown: { status: 404, text: 'task_not_exist' },
    overload: saturated,
  },
  {
    name: 'create-query',
    upstream: vendor('create-query'),
    create: (ask, prompt) =>
      ask('POST', '/v1/video/create', { model: 'sora-2', prompt, images: [], duration: 5 }),
    idOf: ({ json }) => json.id,
    poll: (ask, id) => ask('GET', `/v1/video/query?id=${encodeURIComponent(id)}`),
    stateOf: ({ json }) => json.status,
    words: { running: 'processing', completed: 'completed', failed: 'failed' },
    urlOf: ({ json }) => json.video_url,
    unknown: { status: 404, text: 'task_not_exist' },
    overload: saturated,
  },
  {
    name: 'v2-generations',
    upstream: vendor('v2-generations'),
    create: (ask, prompt) =>
      ask('POST', '/v2/videos/generations', { model: 'sora-2', prompt, duration: '5' }),
    idOf: ({ json }) => json.task_id,
    poll: (ask, id) => ask('GET', `/v2/videos/generations/${id}`),
    stateOf: ({ json }) => json.status,
    words: { running: 'IN_PROGRESS', completed: 'SUCCESS', failed: 'FAILURE' },
    urlOf: ({ json }) => json.data?.output,
    unknown: { status: 404, text: 'task_not_exist' },
    overload: saturated,
  },
  {
    name: 'kie-jobs',
    upstream: vendor('kie-jobs', { models: ['sora-2-text-to-video'] }),
    create: (ask, prompt) =>
      ask('POST', '/api/v1/jobs/createTask', {
        model: 'sora-2-text-to-video',
        input: { prompt, n_frames: '5', aspect_ratio: 'landscape' },
      }),
    idOf: ({ json }) => json.data.taskId,
    poll: (ask, id) => ask('GET', `/api/v1/jobs/recordInfo?taskId=${id}`),
    stateOf: ({ json }) => json.data?.state,
    words: { running: 'generating', completed: 'success', failed: 'fail' },
    urlOf: ({ json }) =>
      json.data.resultJson === '' ? undefined : JSON.parse(json.data.resultJson).resultUrls[0],
    unknown: { status: 200, text: 'recordInfo is null' },
    overload: 'heavy load',
  },
  {
    name: 'grsai',
    upstream: vendor('grsai'),
    create: (ask, prompt) =>
      ask('POST', '/v1/video/sora-video', { model: 'sora-2', prompt, duration: 5, webHook: '-1' }),
    idOf: ({ json }) => json.data.id,
    poll: (ask, id) => ask('POST', '/v1/draw/result', { id }),
    stateOf: ({ json }) => json.data?.status,
    words: { running: 'running', completed: 'succeeded', failed: 'failed' },
    urlOf: ({ json }) => json.data.results[0]?.url,
    unknown: { status: 200, text: '-22' },
    overload: '系统繁忙',
  },
  {
    name: 'fal-queue',
    upstream: vendor('fal-queue', { models: ['fal-ai/sora-2/text-to-video'] }),
    create: (ask, prompt) =>
      ask('POST', '/fal-ai/sora-2/text-to-video', { prompt, duration: 5, aspect_ratio: '16:9' }),
    idOf: ({ json }) => json.request_id,
    poll: (ask, id) => ask('GET', `/fal-ai/sora-2/requests/${id}/status`),
    stateOf: ({ json }) => (json.error === undefined ? json.status : `${json.status} in vain`),
    words: { running: 'IN_PROGRESS', completed: 'COMPLETED', failed: 'COMPLETED in vain' },
    urlOf: null,
    unknown: { status: 404, text: 'Request not found' },
    overload: 'No runner could be allocated',
  },
  {
    name: 'wavespeed',
    upstream: vendor('wavespeed', { models: ['openai/sora-2/text-to-video'] }),
    create: (ask, prompt) =>
      ask('POST', '/api/v3/openai/sora-2/text-to-video', { prompt, duration: 5, size: '160*90' }),
    idOf: ({ json }) => json.data.id,
    poll: (ask, id) => ask('GET', `/api/v3/predictions/${id}/result`),
    stateOf: ({ json }) => json.data?.status,
    words: { running: 'processing', completed: 'completed', failed: 'failed' },
    urlOf: ({ json }) => json.data.outputs[0],
    unknown: { status: 404, text: 'task not found' },
    overload: 'at capacity',
  },
  {
    name: 'volc-asset',
    upstream: vendor('volc-asset', { models: ['seedance'] }),
    create: (ask, prompt) =>
      ask('POST', '/v1/video/generations', {
        model: 'seedance',
        content: [{ type: 'text', text: prompt }],
        ratio: '16:9',
        duration: 5,
      }),
    idOf: ({ json }) => json.id,
    poll: (ask, id) => ask('GET', `/v1/video/generations/${id}`),
    stateOf: ({ json }) => json.data?.status,
    words: { running: 'PROCESSING', completed: 'SUCCESS', failed: 'FAILED' },
    urlOf: ({ json }) => json.data.data.content?.video_url,
    unknown: { status: 404, text: 'task_not_exist' },
    overload: saturated,
  },
  {
    name: 'openrouter',
    upstream: vendor('openrouter', { models: ['google/veo-3.1'], characters: false }),
    create: (ask, prompt) =>
      ask('POST', '/videos', { model: 'google/veo-3.1', prompt, duration: 5, aspect_ratio: '16:9' }),
    idOf: ({ json }) => json.id,
    poll: (ask, id) => ask('GET', `/videos/${id}`),
    stateOf: ({ json }) => json.status,
    words: { running: 'in_progress', completed: 'completed', failed: 'failed' },
    urlOf: ({ json }) => json.unsigned_urls?.[0],
    unknown: { status: 404, text: 'not found' },
    overload: saturated,
  },
  {
    name: 'ark-tasks',
    upstream: vendor('ark-tasks', { models: ['seedance-2'], characters: false }),
    create: (ask, prompt) =>
      ask('POST', '/contents/generations/tasks', {
        model: 'seedance-2',
        content: [{ type: 'text', text: prompt }],
        ratio: '16:9',
        duration: 5,
      }),
    idOf: ({ json }) => json.id,
    poll: (ask, id) => ask('GET', `/contents/generations/tasks/${id}`),
    stateOf: ({ json }) => json.status,
    words: { running: 'running', completed: 'succeeded', failed: 'failed' },
    urlOf: ({ json }) => json.content?.video_url,
    unknown: { status: 404, text: 'not found' },
    overload: 'ServerOverloaded',
  },
  {
    name: 'minimax-v2',
    upstream: vendor('minimax-v2', { models: ['MiniMax-H3'], characters: false }),
    create: (ask, prompt) =>
      ask('POST', '/v2/video_generation', {
        model: 'MiniMax-H3',
        content: [{ type: 'text', text: prompt }],
        ratio: '16:9',
        duration: 5,
      }),
    idOf: ({ json }) => json.task_id,
    poll: (ask, id) => ask('GET', `/v2/query/video_generation/${id}`),
    stateOf: ({ json }) => json.task?.status,
    words: { running: 'running', completed: 'succeeded', failed: 'failed' },
    urlOf: ({ json }) => json.task.content?.url,
    unknown: { status: 404, text: 'not found' },
    overload: saturated,
  },
  {
    name: 'luma',
    upstream: vendor('luma', { models: ['ray-3.2'], characters: false }),
    create: (ask, prompt) =>
      ask('POST', '/generations', {
        type: 'video',
        model: 'ray-3.2',
        prompt,
        aspect_ratio: '16:9',
        video: { duration: '5s' },
      }),
    idOf: ({ json }) => json.id,
    poll: (ask, id) => ask('GET', `/generations/${id}`),
    stateOf: ({ json }) => json.state,
    words: { running: 'processing', completed: 'completed', failed: 'failed' },
    urlOf: ({ json }) => json.output?.[0].url,
    unknown: { status: 404, text: 'not found' },
    overload: saturated,
  },
  {
    name: 'replicate',
    upstream: vendor('replicate', { models: ['bytedance/seedance-2.0'], characters: false }),
    create: (ask, prompt) =>
      ask('POST', '/models/bytedance/seedance-2.0/predictions', {
        input: { prompt, duration: 5, aspect_ratio: '16:9' },
      }),
    idOf: ({ json }) => json.id,
    poll: (ask, id) => ask('GET', `/predictions/${id}`),
    stateOf: ({ json }) => json.status,
    words: { running: 'processing', completed: 'succeeded', failed: 'failed' },
    urlOf: ({ json }) => json.output?.[0],
    unknown: { status: 404, text: 'could not be found' },
    overload: 'throttled',
  },
  {
    name: 'xai',
    upstream: vendor('xai', { models: ['grok-imagine-video-1.5'], characters: false }),
    create: (ask, prompt) =>
      ask('POST', '/videos/generations', {
        model: 'grok-imagine-video-1.5',
        prompt,
        duration: 5,
        aspect_ratio: '16:9',
      }),
    idOf: ({ json }) => json.request_id,
    poll: (ask, id) => ask('GET', `/videos/${id}`),
    // The response for a running job may be a 202 without a body.
    stateOf: ({ status, json }) =>
      status === 202 ? 'pending' : json.video?.respect_moderation === false ? 'failed' : json.status,
    words: { running: 'pending', completed: 'done', failed: 'failed' },
    urlOf: ({ json }) => json.video?.url,
    unknown: { status: 404, text: 'not found' },
    overload: saturated,
  },
  {
    name: 'runway',
    upstream: vendor('runway', { models: ['gen4.5'], characters: false }),
    create: (ask, prompt) =>
      ask('POST', '/v1/text_to_video', { model: 'gen4.5', promptText: prompt, duration: 5, ratio: '160:90' }),
    idOf: ({ json }) => json.id,
    poll: (ask, id) => ask('GET', `/v1/tasks/${id}`),
    stateOf: ({ json }) => json.status,
    words: { running: 'RUNNING', completed: 'SUCCEEDED', failed: 'FAILED' },
    urlOf: ({ json }) => json.output?.[0],
    unknown: { status: 404, text: 'not found' },
    overload: 'overloaded',
  },
  {
    name: 'kling',
    upstream: vendor('kling', { models: ['kling-v3'] }),
    create: (ask, prompt) =>
      ask('POST', '/v1/videos/text2video', {
        model_name: 'kling-v3',
        prompt,
        duration: '5',
        mode: 'std',
        aspect_ratio: '16:9',
      }),
    idOf: ({ json }) => json.data.task_id,
    poll: (ask, id) => ask('GET', `/v1/videos/text2video/${id}`),
    stateOf: ({ json }) => json.data?.task_status,
    words: { running: 'processing', completed: 'succeed', failed: 'failed' },
    urlOf: ({ json }) => json.data?.task_result?.videos[0]?.url,
    unknown: { status: 404, text: 'not found' },
    overload: 'parallel task over',
  },
  {
    name: 'vidu',
    upstream: vendor('vidu', { models: ['viduq3-pro'] }),
    create: (ask, prompt) =>
      ask('POST', '/ent/v2/text2video', {
        model: 'viduq3-pro',
        prompt,
        duration: 5,
        aspect_ratio: '16:9',
      }),
    idOf: ({ json }) => json.task_id,
    poll: (ask, id) => ask('GET', `/ent/v2/tasks/${id}/creations`),
    stateOf: ({ json }) => json.state,
    words: { running: 'processing', completed: 'success', failed: 'failed' },
    urlOf: ({ json }) => json.creations?.[0]?.url,
    unknown: { status: 404, text: 'not found' },
    overload: 'SystemThrottling',
  },
  {
    name: 'veo',
    upstream: vendor('veo', { models: ['veo-3.1-generate-preview'], characters: false }),
    create: (ask, prompt) =>
      ask('POST', '/models/veo-3.1-generate-preview:predictLongRunning', {
        instances: [{ prompt }],
        parameters: { durationSeconds: 5, aspectRatio: '16:9' },
      }),
    idOf: ({ json }) => json.name,
    poll: (ask, id) => ask('GET', id.includes('/') ? `/${id}` : `/models/veo/operations/${id}`),
    stateOf: ({ json }) => {
      if (json.done !== true) return json.name === undefined ? 'error' : 'running'
      const hasFailed =
        json.error !== undefined || json.response?.generateVideoResponse.raiMediaFilteredCount === 1
      return hasFailed ? 'filtered' : 'done'
    },
    words: { running: 'running', completed: 'done', failed: 'filtered' },
    urlOf: ({ json }) => json.response?.generateVideoResponse.generatedSamples?.[0].video.uri,
    unknown: { status: 404, text: 'not found' },
    overload: 'The model is overloaded',
  },
  {
    name: 'dashscope',
    upstream: vendor('dashscope', { models: ['wan3.0-video'], characters: false }),
    create: (ask, prompt) =>
      ask('POST', '/api/v1/services/aigc/video-generation/video-synthesis', {
        model: 'wan3.0-video',
        input: { prompt },
        parameters: { duration: 5, ratio: '16:9' },
      }),
    idOf: ({ json }) => json.output.task_id,
    poll: (ask, id) => ask('GET', `/api/v1/tasks/${id}`),
    stateOf: ({ json }) => json.output?.task_status,
    words: { running: 'RUNNING', completed: 'SUCCEEDED', failed: 'FAILED' },
    urlOf: ({ json }) => json.output.video_url,
    unknown: { status: 200, text: 'UNKNOWN' },
    overload: 'Throttling.BurstRate',
  },
  {
    name: 'gemini-omni',
    upstream: vendor('gemini-omni', { models: ['gemini-omni-1.1-flash'], characters: false }),
    create: (ask, prompt) =>
      ask('POST', '/interactions', {
        model: 'gemini-omni-1.1-flash',
        background: true,
        input: [{ type: 'text', text: prompt }],
        response_format: { type: 'video', delivery: 'uri', duration: '5s', aspect_ratio: '16:9' },
      }),
    idOf: ({ json }) => json.id,
    poll: (ask, id) => ask('GET', `/interactions/${id}`),
    stateOf: ({ json }) => json.status,
    words: { running: 'in_progress', completed: 'completed', failed: 'failed' },
    urlOf: ({ json }) => json.steps?.[1].content[0].uri,
    unknown: { status: 404, text: 'not found' },
    overload: 'The model is overloaded',
  },
  {
    name: 'pixverse',
    upstream: vendor('pixverse', { models: ['v6'], sizes: ['640x360', '360x640'], characters: false }),
    create: (ask, prompt) =>
      ask('POST', '/openapi/v2/video/text/generate', {
        model: 'v6',
        prompt,
        duration: 5,
        quality: '360p',
        aspect_ratio: '16:9',
      }),
    idOf: ({ json }) => json.Resp.video_id?.toString(),
    poll: (ask, id) => ask('GET', `/openapi/v2/video/result/${id}`),
    stateOf: ({ json }) => (json.Resp?.status === 7 ? '8' : json.Resp?.status?.toString()),
    words: { running: '5', completed: '1', failed: '8' },
    urlOf: ({ json }) => json.Resp.url,
    unknown: { status: 200, text: 'not found' },
    overload: 'high load',
    isSilent: true,
  },
]
