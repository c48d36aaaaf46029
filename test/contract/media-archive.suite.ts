import { createHash } from 'node:crypto'
import sharp from 'sharp'
import type { Test } from 'tap'
import type { MediaArchive, PutRules } from '../../src/gateway/ports/media/media-archive.ts'
import { aClip, anAvi } from '../fixtures/clips.ts'

import { bytesOf, mediaId, picture, rules, shape, source } from './media-archive-builders.ts'
import { archiveFramesContract } from './media-archive-frames.suite.ts'

export function mediaArchiveContract(t: Test, make: (t: Test) => Promise<MediaArchive>): void {
  t.test('a stored video is described by what its bytes say', async (t) => {
    const archive = await make(t)
    const clip = await aClip({ ...shape, audio: true })
    const outcome = await archive.put(mediaId(), source(clip), rules({ expectedBytes: clip.length }))
    t.strictSame(outcome, {
      type: 'stored',
      info: {
        kind: 'video',
        contentType: 'video/mp4',
        bytes: clip.length,
        sha256: createHash('sha256').update(clip).digest('hex'),
        width: 320,
        height: 240,
        durationSeconds: 2,
      },
    })
  })

  t.test(
    'WebM and Matroska are stored where they are accepted, with their type and a thumbnail',
    async (t) => {
      const archive = await make(t)
      for (const container of ['webm', 'matroska'] as const) {
        for (const live of [false, true]) {
          const id = mediaId()
          const clip = await aClip({ ...shape, container, live, audio: true })
          t.match(await archive.put(id, source(clip), rules({ matroska: true })), {
            type: 'stored',
            info: {
              kind: 'video',
              contentType: container === 'webm' ? 'video/webm' : 'video/x-matroska',
              bytes: clip.length,
              sha256: createHash('sha256').update(clip).digest('hex'),
              width: 320,
              height: 240,
            },
          })
          const thumbnail = await archive.thumbnail(id)
          t.match(await sharp(thumbnail?.bytes).metadata(), { format: 'webp', width: 320, height: 240 })
          const to = mediaId()
          const cut = await archive.cut(id, to, { start: 0.5, end: 1 }, rules().signal)
          t.match(cut, { type: 'stored', info: { contentType: 'video/mp4' } })
          t.match(
            await archive.put(mediaId(), source(clip), rules()),
            { type: 'unsupported' },
            'not asked for',
          )
        }
      }
    },
  )

  t.test('a WebM or Matroska video has the length of its frames', async (t) => {
    const archive = await make(t)
    for (const container of ['webm', 'matroska'] as const) {
      const stored = await archive.put(
        mediaId(),
        source(await aClip({ ...shape, container })),
        rules({ matroska: true }),
      )
      const seconds = stored.type === 'stored' ? (stored.info.durationSeconds ?? 0) : 0
      t.ok(Math.abs(seconds - 2) < 0.1, `${seconds} s`)
    }
  })

  t.test(
    'a WebM or Matroska video that was cut off is not stored, and what lies behind it does not matter',
    async (t) => {
      const archive = await make(t)
      for (const container of ['webm', 'matroska'] as const) {
        for (const live of [false, true]) {
          const clip = await aClip({ ...shape, container, live })
          const half = clip.subarray(0, (clip.length >> 1) + 1)
          for (const cut of [half, clip.subarray(0, 60)]) {
            t.match(
              await archive.put(mediaId(), source(cut), rules({ matroska: true })),
              { type: 'not_media' },
              `${cut.length} of ${clip.length} bytes, ${container}`,
            )
          }
          if (live) continue
          const rest = Buffer.concat([clip, Buffer.from('trailing text')])
          t.match(await archive.put(mediaId(), source(rest), rules({ matroska: true })), { type: 'stored' })
        }
      }
    },
  )

  t.test('video and sound of other kinds are unsupported, which names their type', async (t) => {
    const archive = await make(t)
    const bodies: Array<[string, Uint8Array]> = [
      ['video/vnd.avi', anAvi()],
      ['video/x-flv', Buffer.concat([Buffer.from('FLV\x01\x05\0\0\0\x09', 'latin1'), Buffer.alloc(99)])],
      ['image/gif', Buffer.from('GIF89a\x01\0\x01\0\0\0\0;', 'latin1')],
    ]
    for (const [type, bytes] of bodies) {
      const id = mediaId()
      const outcome = await archive.put(id, source(bytes), rules({ matroska: true }))
      t.match(outcome, { type: 'unsupported' }, type)
      t.match(outcome, { message: new RegExp(type) })
      t.equal(await archive.size(id), null)
    }
  })

  t.test('a video that is shown turned has the size it is shown in', async (t) => {
    const archive = await make(t)
    const outcome = await archive.put(mediaId(), source(await aClip({ ...shape, rotation: 90 })), rules())
    t.match(outcome, { type: 'stored', info: { width: 240, height: 320 } })
  })

  t.test('pictures are stored with their kind and without a duration', async (t) => {
    const archive = await make(t)
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      const outcome = await archive.put(mediaId(), source(await picture(format)), rules())
      t.match(outcome, {
        type: 'stored',
        info: {
          kind: 'image',
          contentType: `image/${format}`,
          width: 800,
          height: 600,
          durationSeconds: null,
        },
      })
    }
  })

  t.test('a stored file is read back whole, in ranges and at its last byte', async (t) => {
    const archive = await make(t)
    const id = mediaId()
    const clip = await aClip(shape)
    await archive.put(id, source(clip), rules())
    t.equal(await archive.size(id), clip.length)
    t.ok((await bytesOf(archive.read(id, null))).equals(clip))
    t.ok((await bytesOf(archive.read(id, { start: 10, end: 99 }))).equals(clip.subarray(10, 100)))
    const last = clip.length - 1
    t.ok((await bytesOf(archive.read(id, { start: last, end: last }))).equals(clip.subarray(last)))
  })

  t.test('what is not there has no size and no thumbnail, and cannot be read, copied or cut', async (t) => {
    const archive = await make(t)
    const id = mediaId()
    t.equal(await archive.size(id), null)
    t.equal(await archive.thumbnail(id), null)
    await t.rejects(bytesOf(archive.read(id, null)))
    t.equal(await archive.copy(id, mediaId()), 'missing')
    await t.rejects(archive.cut(id, mediaId(), { start: 0, end: 1 }, rules().signal))
    await archive.remove(id)
  })

  t.test('a body that is not a video or picture of an accepted kind is not stored', async (t) => {
    const archive = await make(t)
    const clip = await aClip(shape)
    const bodies: Array<[string, Uint8Array, Partial<PutRules>]> = [
      ['nothing', Buffer.alloc(0), {}],
      ['JSON', Buffer.from('{"error":{"message":"Not ready"}}'), {}],
      ['HTML', Buffer.from('<!doctype html><title>502</title>'), {}],
      ['zeros', Buffer.alloc(5000), {}],
      ['a picture where a video is due', await picture('png'), { accept: ['video'] }],
      ['a video where a picture is due', clip, { accept: ['image'] }],
      ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'), {}],
      ['the first bytes of an MP4 and no more', clip.subarray(0, 28), {}],
      [
        'the first bytes of an MP4 and then HTML',
        Buffer.concat([clip.subarray(0, 28), Buffer.from('<html>'.repeat(99))]),
        {},
      ],
      ['a header of a PNG', (await picture('png')).subarray(0, 12), {}],
    ]
    for (const [name, bytes, over] of bodies) {
      const id = mediaId()
      t.match(await archive.put(id, source(bytes), rules(over)), { type: 'not_media' }, name)
      t.equal(await archive.size(id), null, name)
    }
  })

  t.test('a video that was cut off anywhere is not stored', async (t) => {
    const archive = await make(t)
    for (const index of ['front', 'back', 'fragments'] as const) {
      const clip = await aClip({ ...shape, index, audio: true })
      const mediaStart = clip.indexOf('mdat')
      const lastByte = lastMediaByte(clip)
      for (const length of [
        40,
        mediaStart - 4,
        mediaStart + 4,
        mediaStart + 20,
        clip.length >> 1,
        lastByte,
      ]) {
        const outcome = await archive.put(mediaId(), source(clip.subarray(0, length)), rules())
        t.match(outcome, { type: 'not_media' }, `${length} of ${clip.length} bytes, index ${index}`)
      }
    }
  })

  t.test('a video whose frames lie past the end is not stored, also when no box says so', async (t) => {
    const archive = await make(t)
    const clip = Buffer.from(await aClip(shape))
    clip.writeUInt32BE(0, clip.indexOf('mdat') - 4)
    t.match(
      await archive.put(mediaId(), source(clip), rules()),
      { type: 'stored' },
      'up to the end of the file',
    )
    const cut = clip.subarray(0, clip.length - 100)
    t.match(await archive.put(mediaId(), source(cut), rules()), { type: 'not_media' })
  })

  t.test(
    'a video whose media data are not whole is not stored, also when every frame is there',
    async (t) => {
      const archive = await make(t)
      const clip = Buffer.from(await aClip(shape))
      const size = clip.indexOf('mdat') - 4
      clip.writeUInt32BE(clip.readUInt32BE(size) + 1, size)
      t.match(await archive.put(mediaId(), source(clip), rules()), { type: 'not_media' })
    },
  )

  t.test('what a writer left behind the media data does not cost the video', async (t) => {
    const archive = await make(t)
    const clip = await aClip(shape)
    for (const rest of [Buffer.from('trailing text'), Buffer.alloc(9), Buffer.from('\0\0\x10\0free')]) {
      const outcome = await archive.put(mediaId(), source(Buffer.concat([clip, rest])), rules())
      t.match(outcome, { type: 'stored', info: { durationSeconds: 2 } })
    }
  })

  t.test('a body longer than allowed is refused, and its source let go', async (t) => {
    const archive = await make(t)
    const id = mediaId()
    const clip = await aClip(shape)
    const body = source(clip)
    t.match(await archive.put(id, body, rules({ maxBytes: clip.length - 1 })), { type: 'too_large' })
    t.equal(body.ended, true)
    t.equal(await archive.size(id), null)
    t.match(await archive.put(id, source(clip), rules({ maxBytes: clip.length })), { type: 'stored' })
  })

  t.test('a body that promises more than allowed is refused at its first byte', async (t) => {
    const archive = await make(t)
    const outcome = await archive.put(mediaId(), endless(t, 1), rules({ expectedBytes: 10_000_001 }))
    t.match(outcome, { type: 'too_large' })
  })

  t.test('an endless body costs no more than what is allowed', async (t) => {
    const archive = await make(t)
    t.match(await archive.put(mediaId(), endless(t, 51), rules({ maxBytes: 50_000 })), { type: 'too_large' })
  })

  t.test('a body shorter or longer than promised is not stored', async (t) => {
    const archive = await make(t)
    const clip = await aClip(shape)
    for (const expectedBytes of [clip.length + 1, clip.length - 1]) {
      const id = mediaId()
      t.match(await archive.put(id, source(clip), rules({ expectedBytes })), { type: 'truncated' })
      t.equal(await archive.size(id), null)
    }
  })

  t.test('a source that fails is an interruption, not an error of the archive', async (t) => {
    const archive = await make(t)
    const id = mediaId()
    const clip = await aClip(shape)
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield clip.subarray(0, 500)
      throw Object.assign(new Error('reset'), { code: 'ENOSPC' })
    }
    t.match(await archive.put(id, broken(), rules()), { type: 'interrupted' })
    t.equal(await archive.size(id), null)
  })

  t.test('an abort ends a transfer whose source is silent', async (t) => {
    const archive = await make(t)
    const id = mediaId()
    const abort = new AbortController()
    const clip = await aClip(shape)
    async function* silent(): AsyncGenerator<Uint8Array> {
      yield clip.subarray(0, 500)
      abort.abort()
      await new Promise(() => undefined)
    }
    t.match(await archive.put(id, silent(), rules({ signal: abort.signal })), { type: 'interrupted' })
    t.match(
      await archive.put(id, source(clip), rules({ signal: abort.signal })),
      { type: 'interrupted' },
      'before',
    )
    t.equal(await archive.size(id), null)
  })

  t.test('a second put replaces the file, and a failed one leaves it as it was', async (t) => {
    const archive = await make(t)
    const id = mediaId()
    const first = await aClip(shape)
    const second = await picture('png')
    await archive.put(id, source(first), rules())
    await archive.thumbnail(id)
    t.match(await archive.put(id, source(Buffer.from('<html>')), rules()), { type: 'not_media' })
    t.ok((await bytesOf(archive.read(id, null))).equals(first))
    t.match(await archive.put(id, source(second), rules()), { type: 'stored' })
    t.ok((await bytesOf(archive.read(id, null))).equals(second))
    const thumbnail = await archive.thumbnail(id)
    t.match(
      await sharp(thumbnail?.bytes).metadata(),
      { width: 640, height: 480 },
      'the thumbnail is of the new file',
    )
  })

  t.test('a copy outlives what it was made from', async (t) => {
    const archive = await make(t)
    const [from, to] = [mediaId(), mediaId()]
    const clip = await aClip(shape)
    await archive.put(from, source(clip), rules())
    t.equal(await archive.copy(from, to), 'copied')
    t.equal(await archive.copy(from, to), 'copied')
    await archive.remove(from)
    t.equal(await archive.size(from), null)
    t.ok((await bytesOf(archive.read(to, null))).equals(clip))
  })

  t.test('a removed file is gone with its thumbnail, and can be removed again', async (t) => {
    const archive = await make(t)
    const id = mediaId()
    await archive.put(id, source(await aClip(shape)), rules())
    await archive.thumbnail(id)
    await archive.remove(id)
    await archive.remove(id)
    t.equal(await archive.size(id), null)
    t.equal(await archive.thumbnail(id), null)
  })

  archiveFramesContract(t, make)
  t.test('an archive that works says so', async (t) => {
    const archive = await make(t)
    t.equal(await archive.writeFault(), null)
  })
}

function lastMediaByte(clip: Buffer): number {
  let end = 0
  for (let at = 0; at < clip.length; at += clip.readUInt32BE(at)) {
    if (clip.toString('latin1', at + 4, at + 8) === 'mdat') end = at + clip.readUInt32BE(at)
  }
  return end - 1
}

async function* endless(t: Test, pieces: number): AsyncGenerator<Uint8Array> {
  for (let sent = 1; ; sent++) {
    if (sent > pieces) t.fail('read on after the limit')
    yield new Uint8Array(1000)
  }
}
