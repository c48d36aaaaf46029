import type { FastifyReply, FastifyRequest } from 'fastify'
import { clientOf } from '../access.ts'
import type { Client } from '../../domain/accounts/client.ts'
import type { Heartbeats } from '../edge/heartbeats.ts'
import type { Lifetimes } from '../edge/lifetimes.ts'
import type { OpenSlots } from '../edge/open-slots.ts'
import { resumedAfter } from '../requests/resume.ts'
import { sendEventStream } from './event-stream.ts'

/** What the routes that stream an event log share. */
export interface LogStreams {
  lifetimes: Lifetimes
  heartbeats: Heartbeats
  streams: OpenSlots
}

/** The event log of one object. */
interface Log<Entry> {
  /** Throws `not_found` if the caller cannot see the object. */
  find: (client: Client) => Promise<unknown>
  events: (client: Client, afterSeq: number, signal: AbortSignal) => AsyncIterable<Entry>
  toFrame: (entry: Entry) => string | Buffer
}

/** Streams a log from `Last-Event-ID` or `after` on, until it ends, the caller leaves, or the key becomes invalid. */
export async function sendLogStream<Entry>(
  request: FastifyRequest,
  reply: FastifyReply,
  { lifetimes, heartbeats, streams }: LogStreams,
  log: Log<Entry> & { after: number },
): Promise<FastifyReply> {
  const after = resumedAfter(request, { after: log.after })
  const client = clientOf(request)
  const signal = lifetimes.follow(reply, client)
  await log.find(client)
  streams.take(`${client.tenant}/${client.key}`, signal)
  const frames = { items: log.events(client, after, signal), toText: log.toFrame }
  return sendEventStream(reply, frames, heartbeats)
}
