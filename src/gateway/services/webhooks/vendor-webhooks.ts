import { z } from 'zod'
import type { Generation } from '../../domain/generation/generation.ts'
import type { AttemptId, GenerationId } from '../../domain/ids.ts'
import { Problem } from '../../domain/problem.ts'
import { transition } from '../../domain/attempts/transition.ts'
import type { Clock } from '../../ports/clock.ts'
import type { AttemptPlace, GenerationLedger } from '../../ports/generations/generation-ledger.ts'
import type { GenerationStore } from '../../ports/generations/generation-store.ts'
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
  /** Called once something is due sooner. */
  onWork: () => void
}

/** A message that names a job nobody owns may be about any of these; each of them lists the upstream's jobs. */
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
    const attempts = await attemptsOf(deps, upstream, body)
    await Promise.all(attempts.map((attempt) => requestPoll(deps, attempt.generationId, attempt.attemptId)))
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
): Promise<AttemptPlace[]> {
  const ids = idsIn(body)
  if (ids.length === 0) return []
  const owners = await store.ownersOf(upstream, ids)
  return owners.length > 0
    ? owners
    : store.unknownAttempts(upstream, clock.now() - routing.watchMs, maxReconciled)
}

async function requestPoll(
  { store, clock }: VendorWebhookDeps,
  generationId: GenerationId | null,
  attemptId: AttemptId,
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
    })
    if (dueAtOf(next, attemptId) === dueAtOf(generation, attemptId)) return
    if ((await store.save(next, { version, entries, lease: null })) !== 'conflict') return
  }
}

function dueAtOf({ attempts }: Generation, attemptId: AttemptId): number | null {
  return attempts.find(({ id }) => id === attemptId)?.dueAt ?? null
}

const maxIdLength = 256
const fields = z.record(z.string(), z.unknown())
const message = z.looseObject({ data: fields.optional().catch(undefined) })

/**
 * What may be the id of a job: every text that a message calls `id` or `…_id`, itself or in its `data`. Ids are only looked
 * for among our own jobs, so that no vendor's way to write a message needs to be known.
 */
function idsIn(body: Buffer): string[] {
  const parsed = message.safeParse(jsonOf(body))
  if (!parsed.success) return []
  const { data = {}, ...around } = parsed.data
  const ids = [...Object.entries(data), ...Object.entries(around)].flatMap(([name, value]) =>
    /(^|_)id$/i.test(name) && typeof value === 'string' && value.length <= maxIdLength ? [value] : [],
  )
  return [...new Set(ids)].slice(0, 16)
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
