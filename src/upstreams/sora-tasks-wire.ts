import { z } from 'zod'
import { wireId, wireText, wireUrl } from './answers/wire-fields.ts'

/** What is kept of a task, and of a finished one. */
export const operationSchema = z.object({ id: z.string() })
export const resultSchema = z.object({ url: z.string() })

/** Answers of reverse-dialects.md §6.1. `model` and `progress` are extras that some senders add. */
export const wireTicket = z.object({ task_id: wireId(), model: wireText() })

export const wireTask = z.object({
  status: wireText(),
  video_url: wireUrl(),
  error: z.unknown().optional(),
  progress: z.unknown().optional(),
  model: wireText(),
})

export const wireCharacter = z.object({ character_id: wireId() })
