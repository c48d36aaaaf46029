import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'

/** What a stream has to say, and how it is written: whole frames, which may be shared by many streams. */
export interface Frames<Item> {
  /** Must end when the caller leaves. */
  items: AsyncIterable<Item>
  toText: (item: Item) => string | Buffer
}

/**
 * Answers with `text/event-stream`: the frames as they come, one comment at the start so that the caller gets the headers
 * at once, and one every `heartbeatMs` so that proxies keep the connection. Frames wait for a caller who reads slowly;
 * heartbeats are left out then. Ends with the frames. Written to the response itself: a stream of Node's before it would take
 * more memory for each caller than all the rest.
 */
export function sendEventStream<Item>(
  reply: FastifyReply,
  frames: Frames<Item>,
  heartbeatMs: number,
): FastifyReply {
  const { raw } = reply
  reply.hijack()
  if (raw.destroyed) return reply
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) raw.setHeader(name, value)
  raw.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
  })
  raw.write(': open\n\n')
  const heartbeat = setInterval(() => {
    // Every chunk is a whole frame, so a comment between two chunks cannot split one.
    if (!raw.writableNeedDrain && !raw.writableEnded) raw.write(': \n\n')
  }, heartbeatMs)
  raw.once('close', () => clearInterval(heartbeat))
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
