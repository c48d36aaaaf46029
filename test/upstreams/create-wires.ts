import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { CreateOutcome } from '../../src/gateway/domain/attempts/outcome.ts'
import type { CreateRequest, Upstream } from '../../src/gateway/ports/upstream.ts'
import { createUpstreamDirectory } from '../../src/gateway/upstreams/upstream-directory.ts'
import type { UpstreamSettings } from '../../src/gateway/upstreams/settings.ts'
import { settings, spec } from './fixtures.ts'
import { fakeRemote, noLogger } from './loopback.ts'
import type { Test } from './loopback.ts'

/** Every way in which a create can end, on a real socket, for both wire protocols. */
export const dialects = [
  { dialect: 'openai-videos', profile: 'openai', ticket: (id: unknown) => ({ object: 'video', id }) },
  { dialect: 'sora-tasks', profile: 'generic', ticket: (id: unknown) => ({ task_id: id }) },
] as const

export type Wire = (typeof dialects)[number]

export const request: CreateRequest = {
  idempotencyKey: 'att_1',
  model: 'sora-2',
  prompt: 'a paper boat in the rain',
  durationSeconds: 8,
  size: '1280x720',
  reference: null,
  characterHandles: [],
  inlineCharacters: [],
}

export function upstreamAt(
  t: Test,
  wire: Wire,
  baseUrl: string,
  changes: Partial<UpstreamSettings> = {},
): Upstream {
  const each = settings({
    spec: spec({ dialect: wire.dialect }),
    profile: wire.profile,
    baseUrl,
    breaker: { failureRate: 1, windowMs: 60_000, minCalls: 10_000, openMs: 60_000 },
    ...changes,
  })
  const deps = { remoteMedia: fakeRemote(), logger: noLogger, clock: Date }
  const directory = createUpstreamDirectory([each], deps)
  t.teardown(() => directory.close())
  return directory.all()[0]!
}

export const within = (changes: Partial<UpstreamSettings['timeouts']>): Partial<UpstreamSettings> => ({
  timeouts: { ...settings().timeouts, ...changes },
})

// The whole request was sent: `answer` gets the connection once it was read.

export interface Ending {
  what: string
  type: CreateOutcome['type']
  changes?: Partial<UpstreamSettings>
  with?: object
  answer(response: ServerResponse, socket: Socket, wire: Wire): void
}

/** A complete response: text as is, anything else as JSON. */
export const whole =
  (status: number, body: unknown, headers: Record<string, string> = {}): Ending['answer'] =>
  (response) => {
    const type = typeof body === 'string' ? 'text/plain' : 'application/json'
    response.writeHead(status, { 'content-type': type, ...headers })
    response.end(typeof body === 'string' || body instanceof Buffer ? body : JSON.stringify(body))
  }

export const ticket =
  (status: number, id: unknown, headers: Record<string, string> = {}): Ending['answer'] =>
  (response, socket, wire) =>
    whole(status, wire.ticket(id), headers)(response, socket, wire)
