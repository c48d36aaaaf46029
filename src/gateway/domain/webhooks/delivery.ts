import type { WebhookEvent, WebhookFormat } from './webhook-event.ts'
import type { Generation } from '../generation/generation.ts'
import type { GenerationStatus, LogEntry } from '../generation/history.ts'
import type { DeliveryId, GenerationId, SeriesId } from '../ids.ts'
import { seriesEnds } from '../series/series-events.ts'
import type { SeriesEnd, SeriesEntry } from '../series/series-events.ts'
import { statusOf } from '../series/series.ts'
import type { Series } from '../series/series.ts'

/** OpenAI has two events of a video; the rest of a generation's log is not told in its format. */
const openaiTypes: Partial<Record<Delivery['type'], 'video.completed' | 'video.failed'>> = {
  'generation.completed': 'video.completed',
  'generation.late_video': 'video.completed',
  'generation.failed': 'video.failed',
  'generation.cancelled': 'video.failed',
}

/**
 * `pending` until the receiver takes it; `failed` when it did not within a day; `disabled` when the receiver said that
 * nothing more is wanted there (410).
 */
export const deliveryStates = ['pending', 'delivered', 'failed', 'disabled'] as const
export type DeliveryState = (typeof deliveryStates)[number]

/** One request to the receiver. `message` says what was wrong; null when it was taken. */
export interface DeliveryTry {
  at: number
  ms: number
  status: number | null
  message: string | null
}

/** One record of a generation's log on its way to a webhook. Instants are ms since the epoch. */
export interface Delivery {
  /** Sent as `webhook-id`, the same however often it is sent. */
  id: DeliveryId
  tenant: string
  /** Null where it is about a series. */
  generationId: GenerationId | null
  seriesId?: SeriesId
  seq: number
  url: string
  type: WebhookEvent | SeriesEnd
  at: number
  /** Of the generation or the series, after this record. */
  status: GenerationStatus
  state: DeliveryState
  /** The last ones, oldest first. */
  tries: DeliveryTry[]
  /** Tries that failed since it was made, or asked for again. */
  failures: number
  /** When it is tried next; null unless pending. */
  dueAt: number | null
  /** After this instant it is not tried again. */
  expiresAt: number
  format: WebhookFormat
}

export type DeliveryOutcome =
  | { type: 'answered'; status: number; retryAfterMs: number | null }
  /** Nothing was sent, or no answer came. */
  | { type: 'unanswered'; message: string }

const second = 1000
const firstRetryMs = 5 * second
/** A receiver that comes back after a long time off waits no longer than this. */
const longestRetryMs = 3600 * second
const tryForMs = 24 * 3600 * second
/** A day of tries fits in. */
const keptTries = 50

/** The deliveries that new log records of a generation call for. `lastSeq` is the number of the last record. */
export function deliveriesOf(
  { id, tenant, status, request }: Generation,
  lastSeq: number,
  entries: readonly LogEntry[],
): Delivery[] {
  const { webhookUrl: url, webhookEvents, webhookFormat: format = 'understudy' } = request
  if (url === null) return []
  return entries.flatMap((entry, index) => {
    const type = webhookEvents.find((wanted) => wanted === entry.type)
    if (type === undefined || (format === 'openai' && openaiTypes[type] === undefined)) return []
    const { at } = entry
    const seq = lastSeq - entries.length + 1 + index
    return [
      {
        id: deliveryId(id, seq),
        tenant,
        generationId: id,
        seq,
        url,
        type,
        at,
        status,
        state: 'pending',
        tries: [],
        failures: 0,
        dueAt: at,
        expiresAt: at + tryForMs,
        format,
      },
    ]
  })
}

/** The same of a series: its end, each time that it ends. OpenAI's format has no event for it. */
export function seriesDeliveriesOf(
  series: Series,
  lastSeq: number,
  entries: readonly SeriesEntry[],
): Delivery[] {
  const { id, tenant, webhookUrl: url, webhookFormat: format = 'understudy' } = series
  if (url === null || format === 'openai') return []
  return entries.flatMap((entry, index) => {
    const type = seriesEnds.find((end) => end === entry.type)
    if (type === undefined) return []
    const { at } = entry
    const seq = lastSeq - entries.length + 1 + index
    return [
      {
        id: deliveryId(id, seq),
        tenant,
        generationId: null,
        seriesId: id,
        seq,
        url,
        type,
        at,
        status: statusOf(series),
        state: 'pending',
        tries: [],
        failures: 0,
        dueAt: at,
        expiresAt: at + tryForMs,
        format,
      },
    ]
  })
}

/** The body of a delivery, the same for every try. Thin: a receiver that wants more asks, and gets what is true then. */
export function messageOf({ id, type, at, generationId, seriesId, status, seq, format }: Delivery): string {
  const openaiType = format === 'openai' ? openaiTypes[type] : undefined
  if (openaiType !== undefined) {
    // The envelope of every event, with the video's id as its data: docs/vendors/openai-videos.md#webhooks.
    const event = `evt_${id.slice('dlv_'.length)}`
    const created = Math.floor(at / 1000)
    return JSON.stringify({
      id: event,
      object: 'event',
      created_at: created,
      type: openaiType,
      data: { id: generationId },
    })
  }
  const timestamp = new Date(at).toISOString()
  const subject = seriesId === undefined ? { generation_id: generationId } : { series_id: seriesId }
  return JSON.stringify({ type, timestamp, data: { ...subject, status, seq } })
}

/** Not drawn: whoever finds the same record again finds the same delivery. Sorts as the log does. */
function deliveryId(subject: GenerationId | SeriesId, seq: number): DeliveryId {
  return `dlv_${subject.slice('gen_'.length)}_${String(seq).padStart(6, '0')}`
}

/** What a try makes of a delivery. `random` is in [0, 1) and keeps many retries from coming in one moment. */
export function afterTry(
  delivery: Delivery,
  { at, ms, outcome }: { at: number; ms: number; outcome: DeliveryOutcome },
  random: number,
): Delivery {
  const status = outcome.type === 'answered' ? outcome.status : null
  const taken = status !== null && status >= 200 && status < 300
  const message = outcome.type === 'unanswered' ? outcome.message : taken ? null : `Answered ${status}.`
  const tries = [...delivery.tries, { at, ms, status, message }].slice(-keptTries)
  const next = { ...delivery, tries, dueAt: null }
  if (taken) return { ...next, state: 'delivered' }
  if (status === 410) return { ...next, state: 'disabled' }
  const failures = delivery.failures + 1
  const wait = outcome.type === 'answered' ? outcome.retryAfterMs : null
  const dueAt = at + ms + retryMs(failures, wait, random)
  if (dueAt > delivery.expiresAt) return { ...next, failures, state: 'failed' }
  return { ...next, failures, state: 'pending', dueAt }
}

/** What is made of a delivery that was being sent when the process ended. It may have arrived, and is sent again. */
export function afterCrash(delivery: Delivery, now: number, random: number): Delivery {
  const outcome: DeliveryOutcome = { type: 'unanswered', message: 'The gateway ended while this was sent.' }
  return afterTry(delivery, { at: now, ms: 0, outcome }, random)
}

/** Doubles from five seconds to an hour, more or less by a tenth; longer when the receiver asks for it. */
function retryMs(failures: number, waitMs: number | null, random: number): number {
  const backoff = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(failures - 1, 20))
  return Math.max(Math.round(backoff * (0.9 + 0.2 * random)), Math.min(waitMs ?? 0, longestRetryMs))
}

/** When its delivery began: at the event, or when it was asked for again. */
export function begunAt({ expiresAt }: Delivery): number {
  return expiresAt - tryForMs
}

/** Sends it again from the start, whatever became of it. */
export function askedAgain(delivery: Delivery, now: number): Delivery {
  return { ...delivery, state: 'pending', failures: 0, dueAt: now, expiresAt: now + tryForMs }
}
