import type { Json } from '../domain/json.ts'
import type { MediaSource } from '../ports/upstream.ts'
import { parseJson } from '../upstreams/answers/json-body.ts'
import type { ReceivedAnswer } from '../upstreams/dialect.ts'
import type { ApiCall } from '../upstreams/transport/api-call.ts'
import { shownJson } from '../upstreams/transport/bodies/embedded-files.ts'

/** A recorded answer. */
export interface Recorded {
  status: number
  headers: Record<string, string>
  body: Json
}

/** One call of the description: what would be sent, and what each recorded answer is read as. */
export interface Section {
  title: string
  steps: object[]
}

/** A file that is never read. */
export function media(url: string, contentType: string): MediaSource {
  return { contentType, fileName: 'file', bytes: 0, open: nothing, url }
}

async function* nothing() {
  yield new Uint8Array()
}

export function received({ status, headers, body }: Recorded): ReceivedAnswer {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { status, headers, body: text, receivedAt: Date.now() }
}

export function sent(call: ApiCall): object {
  return { sends: described(call) }
}

export function described({ method, path, to, headers, body }: ApiCall): object {
  const form =
    body?.type === 'multipart'
      ? Object.fromEntries(body.parts.map((part) => [part.name, 'value' in part ? part.value : '(a file)']))
      : undefined
  return {
    call: `${method} ${to ?? path}`,
    ...(headers !== undefined && { headers }),
    ...(body?.type === 'json' && {
      json: parseJson(shownJson(JSON.stringify(body.value), body.files ?? [])),
    }),
    ...(form !== undefined && { form }),
    ...(body?.type === 'file' && { body: '(a file)' }),
  }
}

export function readAs(outcome: object): object {
  return { reads: outcome }
}
