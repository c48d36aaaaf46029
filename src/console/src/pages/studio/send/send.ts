import { api, bodyOf } from '../../../api/client.ts'
import { ApiProblem } from '../../../api/problem.ts'
import type { Draft } from '../../../rules/studio-draft.ts'
import { formOf, requestsOf, seriesOf, stampOf } from '../../../rules/studio-request.ts'
import type { Files } from '../../../rules/studio-request.ts'
import type { SessionClip } from './session-clips.ts'

/** One call that makes something. `stamp` recognises its body. */
export interface Part {
  stamp: string
  type: SessionClip['type']
  /** @throws {ApiProblem} with status 0 where no answer came */
  send: (idempotencyKey: string) => Promise<SessionClip>
}

const deadlineMs = 60_000
/** For files that go along. */
const uploadDeadlineMs = 600_000

/** The calls that sending the form takes: one for each video, or one for a series. */
export function partsOf(draft: Draft, files: Files): Part[] {
  if (draft.mode === 'several' && draft.sendAs === 'series') {
    const body = seriesOf(draft)
    return [
      {
        stamp: `series ${stampOf(body, {})}`,
        type: 'series',
        send: (key) =>
          answered(deadlineMs, 'series', (signal) =>
            bodyOf(api.POST('/series', { body, signal, params: { header: { 'idempotency-key': key } } })),
          ),
      },
    ]
  }
  const given = draft.mode === 'one' ? files : {}
  const hasFiles = Object.keys(given).length > 0
  return requestsOf(draft).map((body) => ({
    stamp: stampOf(body, given),
    type: 'generation',
    send: (key) =>
      answered(hasFiles ? uploadDeadlineMs : deadlineMs, 'generation', (signal) =>
        bodyOf(
          api.POST('/generate', {
            body,
            signal,
            params: { header: { 'idempotency-key': key } },
            ...(hasFiles && { bodySerializer: () => formOf(body, given) }),
          }),
        ),
      ),
  }))
}

async function answered(
  ms: number,
  type: SessionClip['type'],
  call: (signal: AbortSignal) => Promise<{ id: string }>,
): Promise<SessionClip> {
  const signal = AbortSignal.timeout(ms)
  try {
    return { type, id: (await call(signal)).id }
  } catch (error) {
    if (!signal.aborted) throw error
    throw new ApiProblem('The gateway did not answer in time.', {})
  }
}
