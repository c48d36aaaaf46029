import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { ulid } from '../fixtures/ulid.ts'
import type { Test } from 'tap'
import type { MediaId } from '../../src/gateway/domain/ids.ts'
import type { MediaArchive, PutRules } from '../../src/gateway/ports/media/media-archive.ts'
import { type ClipShape } from '../fixtures/clips.ts'
import { probe } from '../fixtures/ffprobe.ts'

export const shape: ClipShape = { seconds: 2, width: 320, height: 240 }

export function mediaId(): MediaId {
  return `media_${ulid().toLowerCase()}`
}

export function rules(over: Partial<PutRules> = {}): PutRules {
  const signal = new AbortController().signal
  return { maxBytes: 10_000_000, expectedBytes: null, accept: ['video', 'image'], signal, ...over }
}

/** The bytes in pieces, and what became of their source. */
export function source(bytes: Uint8Array, piece = 1000): AsyncIterable<Uint8Array> & { ended: boolean } {
  const body = {
    ended: false,
    async *[Symbol.asyncIterator]() {
      try {
        for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece)
      } finally {
        body.ended = true
      }
    },
  }
  return body
}

export async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(body))
}

/** What every media archive keeps to, whatever it stores files in. `make` gives an empty one. */
export async function picture(format: 'jpeg' | 'png' | 'webp'): Promise<Buffer> {
  const blank = sharp({ create: { width: 800, height: 600, channels: 3, background: '#c07050' } })
  return blank.toFormat(format).toBuffer()
}

/** The offset of the last byte inside the last `mdat` box: a file cut there lacks one byte of media. */
export async function probeStored(t: Test, archive: MediaArchive, id: MediaId) {
  const directory = await mkdtemp(join(tmpdir(), 'understudy-probe-'))
  t.teardown(() => rm(directory, { recursive: true }))
  const file = join(directory, 'clip.mp4')
  await writeFile(file, await bytesOf(archive.read(id, null)))
  return probe(file)
}
