import { mkdir, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import type { MediaId } from '../../src/gateway/domain/ids.ts'
import { createFileArchive } from '../../src/gateway/media/archive/file-archive.ts'
import { createFrames, type Frames } from '../../src/gateway/media/frames/frames.ts'
import { bytesOf, mediaId, rules, source } from '../contract/media-archive-builders.ts'
import { aClip } from '../fixtures/clips.ts'

const clip = await aClip({ seconds: 1, width: 320, height: 240 })
const found = {
  type: 'media',
  kind: 'video',
  contentType: 'video/mp4',
  width: 320,
  height: 240,
  durationSeconds: 1,
} as const

/** Frames that accept everything as a valid video. */
function willing(over: Partial<Frames> = {}): Frames {
  return {
    inspect: async () => found,
    thumbnail: async () => ({ type: 'unusable', message: 'no frame' }),
    strip: async () => ({ type: 'unusable', message: 'no frame' }),
    cut: async () => ({ type: 'unusable', message: 'no frame' }),
    compare: async () => ({ type: 'unusable', message: 'no frame' }),
    stills: async () => ({ type: 'unusable', message: 'no frame' }),
    draw: async () => ({ type: 'unusable', message: 'no frame' }),
    close: () => undefined,
    ...over,
  }
}

async function open(t: Test, frames: Frames = willing()) {
  const directory = t.testdir()
  const archive = await createFileArchive({ directory, frames })
  return { directory, archive, drafts: () => readdir(join(directory, 'tmp')) }
}

t.test('files lie in folders by the end of their id', async (t) => {
  const { directory, archive } = await open(t)
  await archive.put('media_01k9qzt3v8w2m4x6y0abcdefgh', source(clip), rules())
  t.ok(await stat(join(directory, 'gh', 'media_01k9qzt3v8w2m4x6y0abcdefgh')))
})

t.test('an id that is none never reaches the disk', async (t) => {
  const { archive, directory } = await open(t)
  const ids: MediaId[] = [
    'media_../../../../etc/passwd',
    'media_',
    `media_${'A'.repeat(26)}`,
    `media_${'a'.repeat(26)}\n`,
    `media_${'a'.repeat(27)}`,
  ]
  for (const id of ids) {
    await t.rejects(archive.put(id, source(clip), rules()), /media id/)
    await t.rejects(archive.size(id), /media id/)
    await t.rejects(archive.remove(id), /media id/)
    await t.rejects(archive.thumbnail(id), /media id/)
    await t.rejects(archive.copy(mediaId(), id))
    await t.rejects(archive.cut(mediaId(), id, { start: 0, end: 1 }, rules().signal), /media id/)
    t.throws(() => archive.read(id, null), /media id/)
  }
  t.strictSame(await readdir(directory), ['tmp'])
})

t.test('no failure leaves a temporary file', async (t) => {
  const { archive, drafts } = await open(
    t,
    willing({ inspect: async () => ({ type: 'unusable', message: 'no' }) }),
  )
  await archive.put(mediaId(), source(clip), rules())
  await archive.put(mediaId(), source(clip), rules({ maxBytes: 10 }))
  await archive.put(mediaId(), source(clip), rules({ expectedBytes: clip.length + 1 }))
  await archive.put(mediaId(), source(clip), rules({ signal: AbortSignal.abort() }))
  t.equal(await archive.copy(mediaId(), mediaId()), 'missing')
  t.strictSame(await drafts(), [])
})

t.test('an inspection that fails for the machine is an error, and leaves nothing either', async (t) => {
  const { archive, drafts } = await open(
    t,
    willing({ inspect: () => Promise.reject(new Error('no decoder')) }),
  )
  const id = mediaId()
  await t.rejects(archive.put(id, source(clip), rules()), /no decoder/)
  t.equal(await archive.size(id), null)
  t.strictSame(await drafts(), [])
})

t.test('nothing is visible before it was inspected', async (t) => {
  const id = mediaId()
  const inspected = Promise.withResolvers<void>()
  const { archive } = await open(
    t,
    willing({
      async inspect() {
        t.equal(await archive.size(id), null)
        inspected.resolve()
        return found
      },
    }),
  )
  await archive.put(id, source(clip), rules())
  await inspected.promise
  t.equal(await archive.size(id), clip.length)
})

t.test('an abort during inspection stores nothing', async (t) => {
  const abort = new AbortController()
  const { archive } = await open(t, willing({ inspect: async () => (abort.abort(), found) }))
  const id = mediaId()
  t.match(await archive.put(id, source(clip), rules({ signal: abort.signal })), { type: 'interrupted' })
  t.equal(await archive.size(id), null)
})

t.test('a full disk is an outcome, wherever it shows', async (t) => {
  const full = Object.assign(new Error('write'), { code: 'ENOSPC', syscall: 'write' })
  const { archive, drafts } = await open(
    t,
    willing({
      inspect: () => Promise.reject(full),
      cut: async () => ({ type: 'no_space', message: 'The archive is full.' }),
    }),
  )
  const id = mediaId()
  t.match(await archive.put(id, source(clip), rules()), { type: 'no_space' })
  const stored = await open(t)
  await stored.archive.put(id, source(clip), rules())
  t.match(await archive.cut(id, mediaId(), { start: 0, end: 1 }, rules().signal), { type: 'no_space' })
  t.strictSame(await drafts(), [])
})

t.test(
  'what dead writers left half written is removed at start, what living ones write is not',
  async (t) => {
    const directory = t.testdir()
    const drafts = join(directory, 'tmp')
    await mkdir(drafts)
    const host = hostname().replaceAll(/[^\w.-]/g, '_')
    const before = performance.timeOrigin / 1000 - 60
    const names = {
      earlierSelf: `${host}~${process.pid}~${randomUUID()}`,
      dead: `${host}~4194303~${randomUUID()}`,
      living: `${host}~1~${randomUUID()}`,
      foreign: `elsewhere~1~${randomUUID()}`,
      foreignOld: `elsewhere~2~${randomUUID()}`,
      unknown: 'x',
      own: `${host}~${process.pid}~${randomUUID()}`,
    }
    for (const [kind, name] of Object.entries(names)) {
      await writeFile(join(drafts, name), 'half')
      const written = kind === 'foreignOld' ? before - 7200 : before
      if (kind !== 'own') await utimes(join(drafts, name), written, written)
    }
    await createFileArchive({ directory, frames: willing() })
    t.strictSame(new Set(await readdir(drafts)), new Set([names.living, names.foreign, names.own]))
  },
)

t.test('a thumbnail is made once, however many ask for it', async (t) => {
  let made = 0
  const thumbnail: Frames['thumbnail'] = async (_, output) => {
    made++
    await writeFile(output, 'webp')
    return { type: 'written' }
  }
  const { archive, drafts } = await open(t, willing({ thumbnail }))
  const id = mediaId()
  await archive.put(id, source(clip), rules())
  const thumbnails = await Promise.all([archive.thumbnail(id), archive.thumbnail(id), archive.thumbnail(id)])
  t.equal(made, 1)
  for (const each of thumbnails) t.equal(Buffer.from(each?.bytes ?? []).toString(), 'webp')
  await archive.thumbnail(id)
  t.equal(made, 1)
  t.strictSame(await drafts(), [])
})

t.test('that a file has no frame is remembered; that none could be made now is not', async (t) => {
  const answers = ['busy', 'unusable'] as const
  let asked = 0
  const thumbnail: Frames['thumbnail'] = async () => ({ type: answers[asked++] ?? 'unusable', message: 'no' })
  const { archive } = await open(t, willing({ thumbnail }))
  const id = mediaId()
  await archive.put(id, source(clip), rules())
  await t.rejects(archive.thumbnail(id), /picture/)
  t.equal(await archive.thumbnail(id), null)
  t.equal(await archive.thumbnail(id), null)
  t.equal(asked, 2)
})

t.test('a thumbnail that an earlier release wrote is served, and removed with its file', async (t) => {
  const { archive, directory } = await open(t, willing())
  const [old, fresh] = [mediaId(), mediaId()]
  const folder = (id: string) => join(directory, id.slice(-2))
  for (const id of [old, fresh]) await archive.put(id, source(clip), rules())
  await writeFile(join(folder(old), `${old}.poster.webp`), 'earlier')
  t.equal(Buffer.from((await archive.thumbnail(old))?.bytes ?? []).toString(), 'earlier')
  t.strictSame((await readdir(folder(old))).toSorted(), [old, `${old}.poster.webp`])
  await archive.thumbnail(fresh)
  t.ok((await readdir(folder(fresh))).includes(`${fresh}.thumbnail.webp`), 'a new one has the new name')
  await archive.remove(old)
  t.notOk((await readdir(folder(old))).some((name) => name.startsWith(old)))
})

t.test('a thumbnail that is made while its file is removed does not stay', async (t) => {
  const id = mediaId()
  const { archive, directory } = await open(
    t,
    willing({
      async thumbnail(_, output) {
        await archive.remove(id)
        await writeFile(output, 'webp')
        return { type: 'written' }
      },
    }),
  )
  await archive.put(id, source(clip), rules())
  t.equal(await archive.thumbnail(id), null)
  t.strictSame(await readdir(join(directory, id.slice(-2))), [])
})

t.test('a read of a missing file that nobody follows does not end the process', async (t) => {
  const { archive, directory } = await open(t)
  const body = archive.read(mediaId(), null)
  await t.rejects(stat(join(directory, 'later')), 'the open has failed before this one does')
  await new Promise(setImmediate)
  await t.rejects(bytesOf(body), { code: 'ENOENT' })
})

t.test('an archive whose folder is gone is not writable', async (t) => {
  const { archive, directory } = await open(t)
  await rm(join(directory, 'tmp'), { recursive: true })
  t.match(await archive.writeFault(), /not writable/)
})

t.test(
  'a file of a few hundred bytes that asks for gigabytes is not media, and the archive goes on',
  async (t) => {
    const frames = createFrames()
    t.teardown(() => frames.close())
    const { archive } = await open(t, frames)
    t.match(
      await archive.put(
        mediaId(),
        source(bomb(await aClip({ seconds: 2, width: 320, height: 240 }))),
        rules(),
      ),
      {
        type: 'not_media',
      },
    )
    t.match(await archive.put(mediaId(), source(clip), rules()), { type: 'stored' })
  },
)

t.test('an inspection past its deadline says so', async (t) => {
  const frames = createFrames({ inspectMs: 1, thumbnailMs: 1, stripMs: 1, stillsMs: 1, cutMs: 1, sheetMs: 1 })
  t.teardown(() => frames.close())
  const { archive } = await open(t, frames)
  t.match(await archive.put(mediaId(), source(clip), rules()), { type: 'too_slow' })
})

/** Turns the table of key frames into one of time offsets, for four thousand million frames. */
function bomb(good: Buffer): Buffer {
  const file = Buffer.from(good)
  const durations = file.indexOf('stts')
  const offsets = file.indexOf('stss')
  file.writeUInt32BE(0xffffffff, durations + 12)
  file.write('ctts', offsets, 'latin1')
  file.writeUInt32BE(1, offsets + 8)
  file.writeUInt32BE(0xffffffff, offsets + 12)
  return file
}
