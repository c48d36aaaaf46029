import type { Exchange } from '../../domain/attempts/exchange.ts'
import type { EndedSpan, SpanPlace } from '../../ports/tracer.ts'
import type { NoteExchange } from '../../ports/upstream.ts'
import type { TracedAttempt } from './traced-attempts.ts'
import type { Tracing } from './tracing.ts'

type Said = Pick<EndedSpan, 'attributes' | 'error'>

/** The span of a call to an upstream, however many requests it takes. */
export interface CallSpan<Outcome> {
  place: SpanPlace
  name: string
  attributes?: EndedSpan['attributes']
  links?: EndedSpan['links']
  /** Whether its requests may tell the upstream which trace they belong to. */
  isTold?: boolean
  /** What the outcome says, and whether it is an error; null for no span. */
  said: (outcome: Outcome) => Said | null
}

/** Makes the call and its span. What the call throws is thrown on. */
export async function traceCall<Outcome>(
  { tracer, clock }: Tracing,
  attempt: TracedAttempt,
  span: CallSpan<Outcome>,
  call: (countRequest: NoteExchange) => Promise<Outcome>,
): Promise<Outcome> {
  const { place, name, attributes, links = [], isTold = false, said } = span
  const from = clock.now()
  let last: Exchange | null = null
  let requests = 0
  const record = (end: Said): void =>
    tracer.record({
      ...place,
      name,
      kind: 'client',
      from,
      to: clock.now(),
      attributes: { ...requestAttributes(attempt, last, requests), ...attributes, ...end.attributes },
      links,
      error: end.error,
    })
  const countRequest: NoteExchange = (exchange) => {
    last = exchange
    requests += 1
  }
  try {
    const run = () => call(countRequest)
    const outcome = await (isTold ? tracer.sending(place.context, run) : run())
    const end = said(outcome)
    if (end !== null) record(end)
    return outcome
  } catch (error) {
    record({ attributes: {}, error: 'thrown' })
    throw error
  }
}

/** What is public of the last request of a call. */
export function requestAttributes(
  { id, upstream }: TracedAttempt,
  exchange: Exchange | null,
  requests: number,
): EndedSpan['attributes'] {
  return {
    'understudy.attempt.id': id,
    'understudy.upstream': upstream,
    'understudy.requests': requests,
    'http.request.method': exchange?.method,
    'http.response.status_code': exchange?.status,
  }
}
