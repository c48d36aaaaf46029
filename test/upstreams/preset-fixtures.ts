import type { Test } from 'tap'
import type { UpstreamSpec } from '../../src/gateway/domain/routing/upstream.ts'
import type { CreateCharacterRequest, CreateRequest } from '../../src/gateway/ports/upstream.ts'
import type { Dialect, FollowUp, ReceivedAnswer, Unsupported } from '../../src/gateway/upstreams/dialect.ts'
import { dialectOf } from '../../src/gateway/upstreams/dialects.ts'
import type { ApiCall } from '../../src/gateway/upstreams/transport/api-call.ts'
import { answer, mediaSource, settings, spec } from './fixtures.ts'

export type Row = [what: string, status: number, body: unknown, expected: object]

export const clip = mediaSource(Buffer.from('clip'), 'video/mp4', 'c.mp4')

export const image = mediaSource(Buffer.from('png'), 'image/png', 'i.png')

export const plain: CreateRequest = {
  idempotencyKey: 'att_1',
  model: 'sora-2',
  prompt: 'a paper boat',
  durationSeconds: 10,
  size: '1280x720',
  reference: null,
  characterHandles: [],
  inlineCharacters: [],
}

export const withImage: CreateRequest = {
  ...plain,
  reference: { kind: 'image', media: image, influence: null },
}

export const character = {
  name: 'amber',
  description: 'a fox in a red coat',
  clip,
  span: { start: 1, end: 3.26 },
  fromJob: null,
} satisfies CreateCharacterRequest

export function preset(dialect: string, changes: Partial<UpstreamSpec> = {}): Dialect {
  return dialectOf(settings({ profile: 'generic', spec: spec({ dialect, ...changes }) }))
}

export function json(call: ApiCall | Unsupported): unknown {
  return 'body' in call ? call.body : call
}

export function recorded(status: number, body: unknown): ReceivedAnswer {
  return answer({ status, body })
}

export function checkCreates(t: Test, dialect: Dialect, rows: Row[]): void {
  for (const [what, status, body, expected] of rows)
    t.match(dialect.create.decode(recorded(status, body), plain), expected, what)
}

export function checkPolls(
  t: Test,
  dialect: Dialect,
  rows: Row[],
  operation: { id: string } = { id: 'job-1' },
): void {
  for (const [what, status, body, expected] of rows)
    t.match(dialect.poll.decode(recorded(status, body), operation), expected, what)
}

export function followUp<T>(outcome: T | FollowUp<T>): FollowUp<T> {
  if (typeof outcome === 'object' && outcome !== null && 'call' in outcome) return outcome
  throw new Error(`no call follows: ${JSON.stringify(outcome)}`)
}
