import type { CreateOutcome } from '../../domain/attempts/outcome.ts'
import type { CreateRequest, HeldBack } from '../../ports/upstream.ts'
import type { Dialect, PreparedValues, Unsupported } from '../dialect.ts'
import { prepared } from '../preparation.ts'
import type { ApiCall } from '../transport/api-call.ts'
import { withoutAnswer } from './follow-up.ts'
import type { Send } from './follow-up.ts'

/** Prepares and sends the single create of a request. Vendor messages in the outcome are not redacted yet. */
export async function createJob(
  dialect: Dialect,
  send: Send,
  {
    timeoutMs,
    idempotencyHeader,
    heldBack,
  }: { timeoutMs: number; idempotencyHeader: string | null; heldBack: HeldBack },
  request: CreateRequest,
): Promise<CreateOutcome> {
  const ready = await prepared(dialect, request, timeoutMs, send)
  if (ready.type !== 'prepared') return ready
  const call = encodeCreate(dialect, request, ready.values)
  if ('type' in call) return { type: 'invalid', message: call.message, elsewhere: true }
  // Uploads may have taken as long as a create may.
  const why = heldBack()
  if (why !== null) return { type: 'never_sent', message: why, retryAfterMs: null, heldBack: true }
  const keyed = idempotencyHeader === null ? {} : { [idempotencyHeader]: request.idempotencyKey }
  const result = await send({ ...call, headers: { ...call.headers, ...keyed } }, timeoutMs)
  if (result.type !== 'answer') return withoutAnswer(result)
  return request.source === undefined
    ? dialect.create.decode(result, request, ready.values)
    : (dialect.derive ?? dialect.create).decode(result, request)
}

function encodeCreate(
  dialect: Dialect,
  request: CreateRequest,
  values: PreparedValues,
): ApiCall | Unsupported {
  const { source } = request
  if (source === undefined) return dialect.create.encode(request, values)
  return (
    dialect.derive?.encode(request, source) ?? {
      type: 'unsupported',
      message: 'The protocol cannot start from a video.',
    }
  )
}

/** The signed URLs of all files that are sent with a create. */
export function addressesIn({ reference, source, inlineCharacters, inputs }: CreateRequest): string[] {
  const media = [
    reference?.media,
    source !== undefined && 'media' in source ? source.media : undefined,
    ...inlineCharacters.map(({ clip }) => clip),
    inputs?.firstFrame,
    inputs?.lastFrame,
    ...(inputs?.references ?? []).map((each) => each.media),
  ]
  return media.flatMap((each) => (each == null ? [] : [each.url]))
}
