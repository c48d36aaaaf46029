import type { Dialect } from '../dialect.ts'
import type { DialectName } from '../simulated-upstream.ts'
import { comfyui } from './comfyui.ts'
import { createQuery } from './create-query.ts'
import { falQueue } from './fal-queue.ts'
import { grsai } from './grsai.ts'
import { kieJobs } from './kie-jobs.ts'
import { openaiVideos } from './openai-videos.ts'
import { soraTasks } from './sora-tasks.ts'
import { v2Generations } from './v2-generations.ts'
import { volcAsset } from './volc-asset.ts'
import { wavespeed } from './wavespeed.ts'

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
}
