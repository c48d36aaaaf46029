import { logEntryTypes } from '../generation/history.ts'

/** What a webhook can tell. Progress is not among it: there is as much of it as there are polls. */
export const tellableEvents = logEntryTypes.filter((type) => type !== 'attempt.progress')
export type WebhookEvent = (typeof tellableEvents)[number]

/** What is told to whoever does not say: the end, and what may still come after it. */
export const usualEvents: readonly WebhookEvent[] = [
  'generation.completed',
  'generation.failed',
  'generation.cancelled',
  'generation.late_video',
]

/** How an event is written: as this gateway does, or as OpenAI writes those of its Videos API. */
export const webhookFormats = ['understudy', 'openai'] as const
export type WebhookFormat = (typeof webhookFormats)[number]
