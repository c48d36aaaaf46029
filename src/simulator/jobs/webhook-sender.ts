import { setTimeout as delay } from 'node:timers/promises'
import { Webhook } from 'standardwebhooks'
import type { FaultList } from '../faults/fault-list.ts'
import type { FaultOf } from '../faults/fault.ts'
import { hex } from '../ids.ts'
import type { Clock } from './job-book.ts'
import type { Job } from './job.ts'
import type { SimulatedUpstream, WebhookTarget } from '../simulated-upstream.ts'

/** One webhook for an ended job, and the state of its delivery. */
export interface WebhookRecord {
  /** The `webhook-id`, the same in every attempt. */
  id: string
  jobId: string
  type: 'video.completed' | 'video.failed'
  attempts: number
  /** The status of the last response, or null if there was none. */
  status: number | null
}

/** Sends Standard Webhooks for ended jobs, if the upstream has a target for them (docs/vendors/openai-videos.md#webhooks). */
export interface WebhookSender {
  aim(target: WebhookTarget | null): void
  /** Sends the webhook of an ended job. */
  report(job: Job): void
  /**
   * Nothing runs in the background, so a job only ends when it is read. If there is a webhook to send, `look` is called
   * when a timed render should be over.
   */
  expect(job: Job, look: () => void): void
  /** Every webhook since the last reset, including those that a fault has suppressed (without attempts). */
  records(): WebhookRecord[]
  clear(): void
}

/** OpenAI retries for 72 hours. These waits, in milliseconds of real time, are long enough for a test to see a retry. */
const pauses = [100, 400, 1600]
const answerWithinMs = 5000
/** Older than the five minutes that receivers tolerate. */
const staleSeconds = 600

export function createWebhookSender(
  upstream: SimulatedUpstream,
  faults: FaultList,
  clock: Clock,
  closing: AbortSignal,
): WebhookSender {
  let target = upstream.webhook ?? null
  let records: WebhookRecord[] = []

  const post = async (to: WebhookTarget, record: WebhookRecord, oddity: Oddity): Promise<boolean> => {
    record.attempts += 1
    const sent = envelopeOf(to, record, clock.now(), oddity)
    const signal = AbortSignal.any([closing, AbortSignal.timeout(answerWithinMs)])
    try {
      const response = await fetch(to.url, { method: 'POST', redirect: 'manual', signal, ...sent })
      await response.body?.cancel()
      record.status = response.status
      return response.ok
    } catch {
      return false
    }
  }
  const deliver = async (to: WebhookTarget, record: WebhookRecord, oddity: Oddity) => {
    if (oddity?.style === 'late') await delay(oddity.delayMs, undefined, { signal: closing })
    for (const pause of [...pauses, null]) {
      if (await post(to, record, oddity)) break
      if (pause !== null) await delay(pause, undefined, { signal: closing })
    }
    if (oddity?.style === 'twice') await post(to, record, oddity)
  }

  return {
    aim(given) {
      target = given
    },
    report(job) {
      if (target === null) return
      const type = job.end?.failure === null ? 'video.completed' : 'video.failed'
      const record: WebhookRecord = { id: `evt_${hex(12)}`, jobId: job.id, type, attempts: 0, status: null }
      records.push(record)
      const oddity = faults.take('webhook', ['odd_webhook'])
      // The delay is only aborted when the simulator closes.
      if (oddity?.style !== 'missing') void deliver(target, record, oddity).catch(() => undefined)
    },
    expect(job, look) {
      const { render } = upstream
      if (target === null || job.fate.type === 'sticks' || !('milliseconds' in render)) return
      // Timers may fire a little early.
      void delay(render.milliseconds + 5, undefined, { signal: closing, ref: false }).then(
        look,
        () => undefined,
      )
    },
    records: () => records.map((record) => ({ ...record })),
    clear() {
      records = []
    },
  }
}

type Oddity = FaultOf<'odd_webhook'> | null

/** Body and headers. The body has only the id; the rest must be polled. */
function envelopeOf(to: WebhookTarget, record: WebhookRecord, now: number, oddity: Oddity) {
  const seconds = Math.floor(now / 1000) - (oddity?.style === 'stale' ? staleSeconds : 0)
  const body = JSON.stringify({
    id: record.id,
    object: 'event',
    created_at: seconds,
    type: record.type,
    data: { id: record.jobId },
  })
  const secret = oddity?.style === 'forged' ? `whsec_${Buffer.from(hex(24)).toString('base64')}` : to.secret
  const signature = new Webhook(secret).sign(record.id, new Date(seconds * 1000), body)
  const headers = {
    'content-type': 'application/json',
    'webhook-id': record.id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': signature,
  }
  return { body, headers }
}
