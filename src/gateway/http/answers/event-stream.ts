import { once } from 'node:events'
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'
import type { Heartbeats } from '../edge/heartbeats.ts'

/** What a stream has to say, and how it is written: whole frames, which may be shared by many streams. */
export interface Frames<Item> {
  /** Must end when the caller leaves. */
  items: AsyncIterable<Item>
  toText: (item: Item) => string | Buffer
}

/** As bytes: a text would be joined to the headers, whose many parts Node then keeps as long as the response. */
const opening = Buffer.from(': open\n\n')

/**
 * Answers with `text/event-stream`: the frames as they come, one comment at the start so that the caller gets the headers
 * at once, and heartbeats. Frames wait for a caller who reads slowly. Ends with the frames. Written to the response itself: a
 * stream of Node's before it would take more memory for each caller than all the rest.
 */
export function sendEventStream<Item>(
  reply: FastifyReply,
  frames: Frames<Item>,
  heartbeats: Heartbeats,
): FastifyReply {
  const { raw } = reply
  reply.hijack()
  if (raw.destroyed) return reply
  const headers: OutgoingHttpHeaders = {}
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) headers[name] = value
  headers['content-type'] = 'text/event-stream'
  headers['cache-control'] = 'no-cache'
  headers['x-accel-buffering'] = 'no'
  // All at once: a header that is set on its own is kept beside what is sent.
  raw.writeHead(200, headers)
  raw.write(opening)
  heartbeats.keep(raw)
  void writeAll(raw, frames).catch((error: unknown) => {
    reply.log.error({ err: error }, 'an event stream ended with an error')
    // After what was said before, and without the end of the answer: the caller is to see that there was more.
    raw.socket?.destroySoon()
  })
  return reply
}

async function writeAll<Item>(raw: ServerResponse, { items, toText }: Frames<Item>): Promise<void> {
  for await (const item of items) {
    if (raw.destroyed) return
    if (!raw.write(toText(item))) await drained(raw)
  }
  if (!raw.destroyed) raw.end()
}

async function drained(raw: ServerResponse): Promise<void> {
  if (raw.destroyed) return
  const over = new AbortController()
  const { signal } = over
  await Promise.race([once(raw, 'drain', { signal }), once(raw, 'close', { signal })])
  over.abort()
}
