import type { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { Agent, request } from 'undici'
import type { Dispatcher } from 'undici'
import { errorCodeIn } from './s3-answers.ts'
import { S3Error, isNetworkFault, noAnswer, s3Error } from './s3-error.ts'
import { emptySha256 } from './s3-signer.ts'
import type { S3Signer } from './s3-signer.ts'

export interface S3Payload {
  bytes: number
  /** Of these bytes, in hex. */
  sha256: string
  /** The bytes from their beginning, for every try anew. */
  open(): Readable | Uint8Array
}

export interface S3Request {
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  /** Null: the bucket itself. */
  key: string | null
  query?: Record<string, string>
  headers?: Record<string, string>
  payload?: S3Payload
  signal?: AbortSignal | undefined
}

export interface S3Answer {
  status: number
  headers: Record<string, string>
}

export interface S3Limits {
  connectMs: number
  /** Without a byte in either direction. */
  idleMs: number
  /** Until the answer begins, to a request that only looks at an object or removes it. */
  answerMs: number
  /** For a whole request with its answer, besides what its bytes take. */
  requestMs: number
  /** Slower than this, a body that is sent counts as stuck. */
  leastBytesPerSecond: number
  tries: number
  /** Before the second try; doubled before each further one. */
  retryMs: number
}

export const usualLimits: S3Limits = {
  connectMs: 5000,
  idleMs: 30_000,
  answerMs: 10_000,
  requestMs: 60_000,
  leastBytesPerSecond: 64 * 1024,
  tries: 4,
  retryMs: 200,
}

/** The most that is read of an answer that is a document: a listing of 1,000 objects has some 400 kB. */
const mostDocumentBytes = 4 * 1024 * 1024
const mostConnections = 64

/**
 * Sends signed requests to one bucket. Every request here may be repeated: GET, HEAD, and DELETE by nature; a PUT
 * because its signature covers the digest of its bytes, so that a repetition stores the same bytes at the same key, also if the
 * first one arrives later; POST only begins or completes an upload that nothing names before. Throws `S3Error`, and what
 * aborted `signal`.
 */
export interface S3Client {
  /** With a short answer, which is a document or empty. Also throws for an error that is the body of a 200. */
  call(request: S3Request): Promise<S3Answer & { text: string }>
  /** With a body of any length, which must be read or destroyed. */
  open(request: S3Request): Promise<S3Answer & { body: Readable }>
  /** Ends what is under way too, which fails as if there were no answer. */
  close(): void
}

export function createS3Client(signer: S3Signer, limits: S3Limits = usualLimits): S3Client {
  const agent = new Agent({
    connections: mostConnections,
    connect: { timeout: limits.connectMs },
    headersTimeout: limits.idleMs,
    bodyTimeout: limits.idleMs,
  })
  let isClosed = false

  async function once(asked: S3Request, deadline: AbortSignal | null) {
    const { method, key, query = {}, headers = {}, payload } = asked
    const sha256 = payload?.sha256 ?? emptySha256
    const signed = await signer.sign({ method, key, query, headers, sha256 })
    const signals = [asked.signal, deadline].filter((each) => each != null)
    const answer = await request(signed.url, {
      dispatcher: agent,
      method,
      headers: {
        ...signed.headers,
        ...(method !== 'GET' && method !== 'HEAD' && { 'content-length': String(payload?.bytes ?? 0) }),
      },
      body: payload?.open() ?? null,
      ...(isBrief(asked) && { headersTimeout: limits.answerMs }),
      ...(signals.length > 0 && { signal: AbortSignal.any(signals) }),
    })
    const told = { status: answer.statusCode, headers: plain(answer.headers), body: answer.body }
    if (answer.statusCode < 200 || answer.statusCode >= 300)
      throw s3Error(told.status, errorCodeIn(await textOf(answer.body)))
    return told
  }

  /** Runs one try after another until one succeeds, or fails in a way that another one would not change. */
  async function tried<Result>(signal: AbortSignal | undefined, work: () => Promise<Result>) {
    for (let left = limits.tries - 1, waitMs = limits.retryMs; ; left--, waitMs *= 2) {
      try {
        return await work()
      } catch (error) {
        if (signal?.aborted === true) throw error
        const failure = isNetworkFault(error) ? noAnswer(error) : error
        const isPassing = failure instanceof S3Error && failure.kind === 'passing'
        if (!isPassing || left === 0 || isClosed) throw failure
        await pause(waitMs * (0.5 + Math.random()), undefined, { signal })
      }
    }
  }

  return {
    call: (asked) =>
      tried(asked.signal, async () => {
        const bodyMs = Math.ceil(((asked.payload?.bytes ?? 0) / limits.leastBytesPerSecond) * 1000)
        const answer = await once(asked, AbortSignal.timeout(limits.requestMs + bodyMs))
        const text = await textOf(answer.body)
        const late = errorCodeIn(text)
        if (late !== null) throw s3Error(500, late)
        return { ...answer, text }
      }),
    open: (asked) => tried(asked.signal, () => once(asked, null)),
    close() {
      isClosed = true
      agent.destroy().catch(() => undefined)
    },
  }
}

/** What a server answers from its index: it neither moves bytes nor looks through many objects before it begins. */
function isBrief({ method, key }: S3Request): boolean {
  return key !== null && (method === 'GET' || method === 'HEAD' || method === 'DELETE')
}

function plain(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  )
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.byteLength
    if (bytes > mostDocumentBytes) throw new S3Error('failed', 'too long an answer')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
