import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { Problem } from '../../domain/problem.ts'
import { transition } from '../../domain/attempts/transition.ts'
import type { Clock } from '../../ports/clock.ts'
import type { AttemptPlace, GenerationLedger } from '../../ports/generations/generation-ledger.ts'
import type { GenerationStore } from '../../ports/generations/generation-store.ts'
import type { Logger } from '../../ports/logger.ts'
import type { RestoredJobs } from '../restore/restored-jobs.ts'
import { isSigned } from './webhook-signature.ts'
import type { SignatureHeaders } from './webhook-signature.ts'

/**
 * Takes vendors' webhooks as signals (docs/vendors/openai-videos.md#webhooks): a message has a job looked at sooner, and is
 * believed in nothing else. Throws a Problem for an upstream that has no secret here, and for a signature that does not
 * hold.
 */
export type ReceiveWebhook = (upstream: string, headers: SignatureHeaders, body: Buffer) => Promise<void>

export interface VendorWebhookDeps {
  store: GenerationStore & GenerationLedger
  clock: Clock
  /** `watchMs`: how long after its start an unknown create is still looked for. May change at any time. */
  routing: { readonly watchMs: number }
  /** That the upstream signs with now. */
  secretOf: (upstream: string) => string | undefined
  logger: Logger
  /** Where a job that no attempt owns is noted. */
  restoredJobs: Pick<RestoredJobs, 'add'>
  /** Called once something is due sooner. */
  onWork: () => void
}

/** A message that names a job nobody owns may be about any of these: it is told with each, and each lists the upstream's jobs. */
const maxReconciled = 8
/** A caller and a worker write beside this one at most. */
const conflictRounds = 8
const rememberedMessages = 10_000

export function createVendorWebhooks(deps: VendorWebhookDeps): ReceiveWebhook {
  const { clock, secretOf, onWork } = deps
  const seen = createMemory(rememberedMessages)

  return async (upstream, headers, body) => {
    const secret = secretOf(upstream)
    if (secret === undefined)
      throw new Problem(
        'not_found',
        'This upstream is not configured to receive webhooks. Set its webhook_secret.',
      )
    if (!isSigned(secret, headers, body, clock.now())) throw badSignature()
    const message = JSON.stringify([upstream, headers['webhook-id']])
    if (seen.has(message)) return
    const { attempts, jobId } = await attemptsOf(deps, upstream, body)
    if (jobId !== undefined) await deps.restoredJobs.add(upstream, jobId)
    await Promise.all(attempts.map((attempt) => requestPoll(deps, attempt, jobId)))
    if (jobId !== undefined && attempts.length > 0)
      deps.logger.info({ upstream, job: jobId }, 'a webhook named a job that no attempt owns')
    // Only now: a message that could not be used is taken again when the vendor repeats it.
    seen.add(message)
    if (attempts.length > 0) onWork()
  }
}

/** The attempts that own the job; where none does, those of which it is unknown whether the upstream took them. */
async function attemptsOf(
  { store, clock, routing }: VendorWebhookDeps,
  upstream: string,
  body: Buffer,
): Promise<{ attempts: AttemptPlace[]; jobId?: string }> {
  const ids = idsIn(body)
  const [jobId] = ids
  if (jobId === undefined) return { attempts: [] }
  const owners = await store.ownersOf(upstream, ids)
  if (owners.length > 0) return { attempts: owners }
  const since = clock.now() - routing.watchMs
  return { attempts: await store.unknownAttempts(upstream, since, maxReconciled), jobId }
}

async function requestPoll(
  { store, clock }: VendorWebhookDeps,
  { generationId, attemptId }: AttemptPlace,
  jobId: string | undefined,
): Promise<void> {
  if (generationId === null) return
  for (let round = 0; round < conflictRounds; round++) {
    const stored = await store.get(generationId)
    if (stored === null) return
    const { generation, version } = stored
    const { generation: next, entries } = transition(generation, {
      type: 'poll_requested',
      at: clock.now(),
      attemptId,
      ...(jobId !== undefined && { jobId }),
    })
    if (isDeepStrictEqual(next, generation)) return
    if ((await store.save(next, { version, entries, lease: null })) !== 'conflict') return
  }
}

const maxIdLength = 256
const fields = z.record(z.string(), z.unknown())
const message = z.looseObject({ data: fields.optional().catch(undefined) })

/** Beside `id`; other ids are of a user, a key or the message. */
const jobNames = /^(job|task|video|generation|prediction)_?id$/i

/**
 * What may be the id of a job: every text that a message calls `id`, `…_id` or `…Id`, itself or in its `data`, the likeliest first.
 * Ids are looked for among our own jobs, so that no vendor's way to write a message needs to be known.
 */
function idsIn(body: Buffer): string[] {
  const parsed = message.safeParse(jsonOf(body))
  if (!parsed.success) return []
  const { data = {}, ...around } = parsed.data
  const named = [...entriesOf(data, 0), ...entriesOf(around, 1)].toSorted((a, b) => a.rank - b.rank)
  return [...new Set(named.map(({ id }) => id))].slice(0, 16)
}

/** `depth`: 0 for what the message is about, 1 for the message itself, whose own id is that of an event. */
function entriesOf(object: Record<string, unknown>, depth: 0 | 1): { id: string; rank: number }[] {
  return Object.entries(object).flatMap(([name, id]) => {
    if (!/(^|_)id$/i.test(name) && !/[a-z]I[dD]$/.test(name)) return []
    if (typeof id !== 'string' || id === '' || id.length > maxIdLength) return []
    if (name === 'id') return [{ id, rank: depth * 3 }]
    // At some vendors the request is the job, at others it is only a trace.
    const rank = jobNames.test(name) ? 1 : /^request/i.test(name) ? 2 : 4
    return [{ id, rank: rank + depth / 2 }]
  })
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return null
  }
}

function badSignature(): Problem {
  const detail = 'must be a Standard Webhooks signature of this body, not older than five minutes'
  return new Problem('unauthorized', 'The signature of this message is not valid.', {
    faults: [{ pointer: '#/headers/webhook-signature', detail }],
  })
}

/** Remembers the last texts, so many of them. Forgetting one is harmless: a message that comes again only polls again. */
function createMemory(most: number): { has(text: string): boolean; add(text: string): void } {
  const texts = new Set<string>()
  return {
    has: (text) => texts.has(text),
    add(text) {
      texts.add(text)
      const [oldest] = texts
      if (texts.size > most && oldest !== undefined) texts.delete(oldest)
    },
  }
}
