import { z } from 'zod'
import { requestBody } from '../../request.ts'
import type { RequestOptions } from '../../request.ts'
import { isUrl } from '../../values.ts'
import { microsOf, usdOf } from '../money/ceiling.ts'
import type { RootFolder } from '../files/root-folder.ts'

const from = z.string().min(1).max(2048).describe('http(s) URL, or a path below the folder of --root')

/** The members of a request for a video. The gateway says what is wrong with a value. */
export const sceneShape = {
  prompt: z.string().min(1).max(32_000).describe('What the video shows. Mention characters as @name.'),
  model: z.string().max(128).optional().describe('default: set by the gateway; see list_models'),
  duration_seconds: z.number().positive().max(600).optional(),
  size: z.string().max(20).optional().describe('WIDTHxHEIGHT, landscape or portrait'),
  resolution: z.string().max(10).optional().describe('such as 720p or 4k; not with size'),
  aspect_ratio: z.string().max(10).optional().describe('such as 16:9; not with size'),
  first_frame: from.optional(),
  last_frame: from.optional(),
  references: z
    .array(
      z.strictObject({
        from,
        role: z.enum(['subject', 'style', 'motion', 'voice', 'scene']).optional(),
      }),
    )
    .max(16)
    .optional(),
  audio: z.boolean().optional().describe('with or without sound'),
  seed: z.int().min(0).max(4_294_967_295).optional(),
  negative_prompt: z.string().min(1).max(8000).optional().describe('what must not be seen'),
  priority: z.enum(['cost', 'stability']).optional().describe('cheapest first or most stable first'),
  upstreams: z.array(z.string().max(64)).min(1).max(64).optional().describe('use only these'),
  fallback: z.boolean().optional().describe('false: try only the first upstream'),
  exact_duration: z.boolean().optional().describe('true: fail instead of rendering another length'),
  native_characters: z.boolean().optional().describe('true: fail instead of showing a clip of a character'),
  deadline_seconds: z.number().min(10).max(86_400).optional().describe('time limit of the generation'),
}

const scene = z.strictObject({ ...sceneShape, max_cost_usd: z.number().optional() })
export type Scene = z.output<typeof scene>

/** The body of `POST /generate` and `POST /route`. An unknown outcome is never sent to another upstream, which could be a second bill. */
export async function bodyOf(root: RootFolder, asked: Scene): Promise<object> {
  const source = async (text: string) => (isUrl(text) ? text : await root.fileToRead(text))
  const input: NonNullable<RequestOptions['input']> = []
  for (const { from: text, role } of asked.references ?? []) input.push({ role, from: await source(text) })
  const { duration_seconds: duration, max_cost_usd: maxCost } = asked
  return requestBody(asked.prompt, {
    ...(asked.model !== undefined && { model: asked.model }),
    ...(duration !== undefined && { duration: duration }),
    ...(asked.size !== undefined && { size: asked.size }),
    ...(asked.resolution !== undefined && { resolution: asked.resolution }),
    ...(asked.aspect_ratio !== undefined && { aspectRatio: asked.aspect_ratio }),
    ...(asked.first_frame !== undefined && { firstFrame: await source(asked.first_frame) }),
    ...(asked.last_frame !== undefined && { lastFrame: await source(asked.last_frame) }),
    ...(input.length > 0 && { input }),
    ...(asked.audio !== undefined && { audio: asked.audio }),
    ...(asked.seed !== undefined && { seed: asked.seed }),
    ...(asked.negative_prompt !== undefined && { negativePrompt: asked.negative_prompt }),
    ...(asked.priority !== undefined && { priority: asked.priority }),
    ...(asked.upstreams !== undefined && { upstream: asked.upstreams }),
    fallback: asked.fallback !== false,
    ...(asked.exact_duration !== undefined && { exact: asked.exact_duration }),
    ...(asked.native_characters !== undefined && { native: asked.native_characters }),
    ...(asked.deadline_seconds !== undefined && { deadline: asked.deadline_seconds }),
    ...(maxCost !== undefined && { maxCost: usdOf(microsOf(maxCost)) }),
    onUnknown: 'fail',
  })
}
