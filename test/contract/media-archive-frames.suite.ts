import sharp from 'sharp'
import type { Test } from 'tap'
import type { MediaArchive } from '../../src/gateway/ports/media/media-archive.ts'
import { aClip, brightnessAt, type ClipShape } from '../fixtures/clips.ts'

import { mediaId, picture, probeStored, rules, shape, source } from './media-archive-builders.ts'

/** What an archive guarantees of the pictures and spans it takes from a video. */
export function archiveFramesContract(t: Test, make: (t: Test) => Promise<MediaArchive>): void {
  t.test('a thumbnail is the first frame, upright, as WebP of at most 640 pixels', async (t) => {
    const archive = await make(t)
    const table: Array<[ClipShape, number, number]> = [
      [shape, 320, 240],
      [{ ...shape, rotation: 90 }, 240, 320],
      [{ seconds: 1, width: 1280, height: 720, index: 'fragments' }, 640, 360],
    ]
    for (const [clip, width, height] of table) {
      const id = mediaId()
      await archive.put(id, source(await aClip(clip)), rules())
      const thumbnail = await archive.thumbnail(id)
      t.equal(thumbnail?.contentType, 'image/webp')
      t.match(await sharp(thumbnail?.bytes).metadata(), { format: 'webp', width, height })
      t.ok(Math.abs((await brightness(thumbnail?.bytes)) - brightnessAt(clip, 0)) < 20)
    }
  })

  t.test('the thumbnail of a picture is the picture, made smaller', async (t) => {
    const archive = await make(t)
    const id = mediaId()
    await archive.put(id, source(await picture('jpeg')), rules())
    const thumbnail = await archive.thumbnail(id)
    t.match(await sharp(thumbnail?.bytes).metadata(), { format: 'webp', width: 640, height: 480 })
  })

  t.test('a video with broken frames has no thumbnail, and cannot be cut', async (t) => {
    const archive = await make(t)
    const id = mediaId()
    const clip = Buffer.from(await aClip(shape))
    clip.fill(0xa5, clip.indexOf('mdat') + 4)
    t.match(await archive.put(id, source(clip), rules()), { type: 'stored' })
    t.equal(await archive.thumbnail(id), null)
    t.equal(await archive.thumbnail(id), null)
    const to = mediaId()
    t.match(await archive.cut(id, to, { start: 0.5, end: 1 }, rules().signal), { type: 'not_media' })
    t.equal(await archive.size(to), null)
  })

  t.test('a cut plays exactly the span, whether or not it begins on a key frame', async (t) => {
    const archive = await make(t)
    const id = mediaId()
    const clip = { ...shape, seconds: 3, audio: true }
    await archive.put(id, source(await aClip(clip)), rules())
    for (const [start, end, frames] of [
      [1, 2, 12],
      [0.5, 2, 18],
      [2.5, 60, 6],
    ] as const) {
      const to = mediaId()
      const seconds = Math.min(end, 3) - start
      const outcome = await archive.cut(id, to, { start, end }, rules().signal)
      t.match(outcome, { type: 'stored', info: { contentType: 'video/mp4', width: 320, height: 240 } })
      t.ok(outcome.type === 'stored' && Math.abs((outcome.info.durationSeconds ?? 0) - seconds) < 0.05)
      const report = await probeStored(t, archive, to)
      t.strictSame(report.streams.map((each) => each.codec_name).toSorted(), ['aac', 'h264'])
      t.equal(report.streams.find((each) => each.codec_type === 'video')?.nb_read_frames, frames)
      t.ok(Math.abs(report.format.duration - seconds) < 0.1, `${report.format.duration} for ${seconds} s`)
      const thumbnail = await archive.thumbnail(to)
      t.ok(
        Math.abs((await brightness(thumbnail?.bytes)) - brightnessAt(clip, start)) < 20,
        `begins at ${start}`,
      )
    }
  })

  t.test('a span that is empty or lies outside the video is refused', async (t) => {
    const archive = await make(t)
    const id = mediaId()
    await archive.put(id, source(await aClip(shape)), rules())
    for (const span of [
      { start: 2.5, end: 4 },
      { start: 1, end: 1 },
      { start: 1, end: 0.5 },
      { start: -1, end: 1 },
      { start: Number.NaN, end: 1 },
    ]) {
      const to = mediaId()
      t.match(await archive.cut(id, to, span, rules().signal), { type: 'not_media' })
      t.equal(await archive.size(to), null)
    }
  })

  t.test('a picture cannot be cut, and an aborted cut stores nothing', async (t) => {
    const archive = await make(t)
    const [id, to] = [mediaId(), mediaId()]
    await archive.put(id, source(await picture('png')), rules())
    t.match(await archive.cut(id, to, { start: 0, end: 1 }, rules().signal), { type: 'not_media' })
    t.match(await archive.cut(id, to, { start: 0, end: 1 }, AbortSignal.abort()), { type: 'interrupted' })
    t.equal(await archive.size(to), null)
  })
}

async function brightness(image: Uint8Array | undefined): Promise<number> {
  const { channels } = await sharp(image).stats()
  return channels[1]?.mean ?? Number.NaN
}
