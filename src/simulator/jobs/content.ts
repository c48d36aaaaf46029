import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyReply } from 'fastify'
import { sides } from '../control/catalogue.ts'
import type { VendorContext } from '../dialect.ts'
import type { Job } from './job.ts'

/** Sends the video of a finished job: whole, truncated, or slowly. */
export async function sendVideo(
  reply: FastifyReply,
  context: VendorContext,
  job: Job,
): Promise<FastifyReply | undefined> {
  const { vendor, clips, closing } = context
  const { upstream, faults } = vendor
  const { prompt, seconds, size, model, characters } = job.order
  const seed = upstream.oneClip === true ? upstream.id : JSON.stringify([model, prompt, characters])
  const clip = await clips.get({
    ...encodable(seconds, size),
    seed,
    label: upstream.oneClip === true ? upstream.id : prompt,
  })

  const fault = faults.take('content', ['truncated', 'drip'])
  if (fault?.kind === 'truncated') {
    cutOff(reply, clip, fault.keep)
    return undefined
  }
  void reply.type('video/mp4').header('content-length', clip.length)
  return reply.send(fault === null ? clip : Readable.from(drops(clip, fault.bytesPerSecond, closing)))
}

/** Some servers accept any length and size, but codecs do not. */
function encodable(seconds: number, size: string) {
  const { width, height } = sides(size)
  return { seconds: Math.min(seconds, 120), width: even(width), height: even(height) }
}

const even = (side: number) => Math.min(1920, Math.max(16, side - (side % 2)))

/** Declares the whole length, sends a part and closes the connection (docs/vendors/failure-modes.md#cut-off). */
function cutOff(reply: FastifyReply, clip: Buffer, keep: number): void {
  reply.hijack()
  const { raw } = reply
  raw.writeHead(200, { 'content-type': 'video/mp4', 'content-length': clip.length })
  raw.write(clip.subarray(0, Math.max(1, Math.floor(clip.length * keep))), () => raw.destroy())
}

async function* drops(clip: Buffer, bytesPerSecond: number, signal: AbortSignal): AsyncGenerator<Buffer> {
  const drop = Math.max(1, Math.round(bytesPerSecond / 10))
  for (let start = 0; start < clip.length; start += drop) {
    yield clip.subarray(start, start + drop)
    await delay(100, undefined, { signal })
  }
}
