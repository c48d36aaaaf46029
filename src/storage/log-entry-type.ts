import { z } from 'zod'
import type { WebhookEvent } from '../domain/delivery.ts'
import type { LogEntryType } from '../domain/generation.ts'

export const logEntryType = z.enum([
  'generation.queued',
  'generation.warning',
  'generation.completed',
  'generation.failed',
  'generation.cancelled',
  'generation.late_video',
  'generation.video_expired',
  'attempt.started',
  'attempt.rebinding',
  'attempt.submitting',
  'attempt.accepted',
  'attempt.progress',
  'attempt.unknown',
  'attempt.abandoned',
  'attempt.archiving',
  'attempt.succeeded',
  'attempt.failed',
  'attempt.settled',
]) satisfies z.ZodType<LogEntryType>

export const webhookEvent: z.ZodType<WebhookEvent> = logEntryType.exclude(['attempt.progress'])
