import type { Dialect } from '../dialect.ts'
import type { DialectName } from '../simulated-upstream.ts'
import { arkTasks } from './content-tasks/ark-tasks.ts'
import { minimaxV2 } from './content-tasks/minimax-v2.ts'
import { comfyui } from './comfyui/comfyui.ts'
import { createQuery } from './resellers/create-query.ts'
import { dashscope } from './dashscope/dashscope.ts'
import { falQueue } from './fal/fal-queue.ts'
import { grsai } from './grsai/grsai.ts'
import { kling } from './kling/kling.ts'
import { kieJobs } from './kie/kie-jobs.ts'
import { openaiVideos } from './openai-videos/openai-videos.ts'
import { openrouter } from './openrouter/openrouter.ts'
import { pixverse } from './pixverse/pixverse.ts'
import { luma } from './luma/luma.ts'
import { replicate } from './replicate/replicate.ts'
import { runway } from './runway/runway.ts'
import { soraTasks } from './resellers/sora-tasks.ts'
import { v2Generations } from './resellers/v2-generations.ts'
import { vidu } from './vidu/vidu.ts'
import { volcAsset } from './volc/volc-asset.ts'
import { geminiOmni } from './google/gemini-omni.ts'
import { veo } from './google/veo.ts'
import { xai } from './xai/xai.ts'
import { wavespeed } from './wavespeed/wavespeed.ts'

/** Every wire format the simulator speaks. */
export const dialects: Readonly<Record<DialectName, Dialect>> = {
  'openai-videos': openaiVideos,
  'sora-tasks': soraTasks,
  'create-query': createQuery,
  'v2-generations': v2Generations,
  'kie-jobs': kieJobs,
  grsai,
  'fal-queue': falQueue,
  wavespeed,
  'volc-asset': volcAsset,
  comfyui,
  openrouter,
  'ark-tasks': arkTasks,
  'minimax-v2': minimaxV2,
  xai,
  replicate,
  luma,
  kling,
  runway,
  vidu,
  veo,
  dashscope,
  'gemini-omni': geminiOmni,
  pixverse,
}
