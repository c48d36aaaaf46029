import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'

/**
 * Answers with `text/event-stream`: the frames as they come, one comment at the start so that the caller gets the headers
 * at once, and one every `heartbeatMs` so that proxies keep the connection. Frames wait for a caller who reads slowly;
 * heartbeats are left out then. Ends with the frames; `frames` must end when the caller leaves.
 */
export function sendEventStream(
  reply: FastifyReply,
  frames: AsyncIterable<string>,
  heartbeatMs: number,
): FastifyReply {
  async function* body() {
    yield ': open\n\n'
    yield* frames
  }
  const heartbeat = setInterval(() => {
    // Every chunk is a whole frame, so a comment between two chunks cannot split one.
    if (reply.raw.headersSent && !reply.raw.writableNeedDrain) reply.raw.write(': \n\n')
  }, heartbeatMs)
  reply.raw.once('close', () => clearInterval(heartbeat))
  const stream = Readable.from(body())
  stream.once('close', () => clearInterval(heartbeat))
  return reply
    .headers({ 'content-type': 'text/event-stream', 'cache-control': 'no-cache', 'x-accel-buffering': 'no' })
    .send(stream)
}
