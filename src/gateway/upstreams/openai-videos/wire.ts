import { z } from 'zod'
import { wireId, wireText } from '../answers/wire-fields.ts'

/**
 * The Video object as servers really send it: official samples omit null keys; relays add `task_id`, URLs, float
 * progress and milliseconds; self-hosted servers send numeric codes (docs/vendors/openai-videos.md#video-object,
 * docs/vendors/resellers.md#odd-hosts, docs/vendors/self-hosted-servers.md). Every field may be missing or unexpected.
 * An unexpected optional field counts as absent, because it must not cost a running job.
 */
export const videoSchema = z.object({
  id: wireId,
  task_id: wireId,
  status: wireText,
  model: wireText,
  prompt: z.string().optional().catch(undefined),
  progress: z.unknown().optional(),
  created_at: z.number().optional().catch(undefined),
  seconds: z.coerce.number().positive().optional().catch(undefined),
  size: wireText,
  expires_at: z.number().optional().catch(undefined),
  error: z.unknown().optional(),
  fail_reason: z.unknown().optional(),
})

export const listSchema = z.object({
  data: z.array(z.unknown()),
  has_more: z.boolean().optional().catch(undefined),
  last_id: z.string().optional().catch(undefined),
})

export const characterSchema = z.object({
  id: wireId,
  username: wireText,
  status: wireText,
  error: z.unknown().optional(),
})

export const deletionSchema = z.object({
  deleted: z.boolean().optional().catch(undefined),
  status: z.string().optional().catch(undefined),
})
