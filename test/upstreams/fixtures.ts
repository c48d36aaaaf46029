import { readFileSync } from 'node:fs'
import type { CreateInputs } from '../../src/gateway/ports/upstream.ts'
import type { UpstreamSpec } from '../../src/gateway/domain/routing/upstream.ts'
import { trialSettings } from '../../src/gateway/try-dialect/settings.ts'
import type { ReceivedAnswer } from '../../src/gateway/upstreams/dialect.ts'
import type { UpstreamSettings } from '../../src/gateway/upstreams/settings.ts'

export const receivedAt = 1_790_000_000_000

export interface RecordedAnswer {
  status: number
  headers?: Record<string, string>
  /** Text as it is, anything else as JSON. */
  body: unknown
}

/** The cases of one fixture file: a recorded response, its source, and its meaning. */
export function cases<T extends string>(
  file: string,
): ({ name: string; source: string; answer: RecordedAnswer } & Record<T, object>)[] {
  return JSON.parse(readFileSync(new URL(`../fixtures/${file}.json`, import.meta.url), 'utf8'))
}

export function answer({ status, headers, body }: RecordedAnswer): ReceivedAnswer {
  const isText = typeof body === 'string'
  return {
    status,
    headers: { ...(isText ? {} : { 'content-type': 'application/json' }), ...headers },
    body: isText ? body : JSON.stringify(body),
    receivedAt,
  }
}

export function spec(changes: Partial<UpstreamSpec> = {}): UpstreamSpec {
  return {
    ...trialSettings('openai-videos').spec,
    id: 'upstream-1',
    kind: 'official',
    models: { 'sora-2': 'sora-2' },
    durations: [4, 8, 12],
    sizes: ['1280x720'],
    maxCharacters: 2,
    price: { type: 'per_request', micros: 120_000 },
    poll: { firstAfterMs: 1000, everyMs: 1000 },
    stallMs: 60_000,
    attemptMs: 600_000,
    ...changes,
  }
}

export function settings(changes: Partial<UpstreamSettings> = {}): UpstreamSettings {
  return {
    spec: spec(),
    baseUrl: 'http://127.0.0.1:9/v1',
    apiKey: 'test-key-1',
    profile: 'openai',
    timeouts: { connectMs: 2000, createMs: 2000, pollMs: 2000, fetchHeadersMs: 2000, fetchIdleMs: 2000 },
    breaker: { failureRate: 0.5, windowMs: 60_000, minCalls: 5, openMs: 30_000 },
    modelGoneMs: 0,
    idempotencyHeader: null,
    createServerError: 'unknown',
    ...changes,
  }
}

/** The inputs of a create whose request sets none of them. */
export const noInputs: CreateInputs = {
  firstFrame: null,
  lastFrame: null,
  references: [],
  audio: null,
  seed: null,
  negativePrompt: null,
  resolution: null,
  aspectRatio: null,
  options: {},
}

export function mediaSource(bytes: Uint8Array, contentType: string, fileName: string) {
  return {
    contentType,
    fileName,
    bytes: bytes.length,
    url: `https://gateway.example/media/${fileName}`,
    async *open() {
      yield bytes
    },
  }
}
