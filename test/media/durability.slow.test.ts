import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import t, { type Test } from 'tap'
import { systemDisk } from '../../src/gateway/media/disk.ts'
import type { Disk, DiskFile } from '../../src/gateway/media/disk.ts'
import { createFileArchive } from '../../src/gateway/media/archive/file-archive.ts'
import type { Frames } from '../../src/gateway/media/frames/frames.ts'
import { bytesOf, mediaId, rules, source } from '../contract/media-archive-builders.ts'
import { aClip } from '../fixtures/clips.ts'

const clip = await aClip({ seconds: 2, width: 320, height: 240 })
const found = {
  type: 'media',
  kind: 'video',
  contentType: 'video/mp4',
  width: 320,
  height: 240,
  durationSeconds: 2,
} as const

type Call = 'open' | 'write' | 'sync' | 'close' | 'rename'
/** Called before every disk call; an error that it throws is the disk's. */
type Meddle = (call: Call, what: string) => Promise<void> | void

/** The system's disk, and in which order it was asked for what: `tmp`, `root`, `folder`, `draft` or `media`. */
function watchedDisk(root: string, meddle: Meddle = () => undefined) {
  const done: string[] = []
  const nameOf = (path: string): string => {
    if (path === root) return 'root'
    const parts = relative(root, path).split('/')
    if (parts[0] === '..') return 'outside'
    if (parts[0] === 'tmp') return parts.length === 1 ? 'tmp' : 'draft'
    return parts.length === 1 ? 'folder' : 'media'
  }
  const call = async (name: Call, what: string, act: () => Promise<void>) => {
    await meddle(name, what)
    await act()
    if (done.at(-1) !== `${name} ${what}`) done.push(`${name} ${what}`)
  }
  const watched = (file: DiskFile, what: string): DiskFile => ({
    writeFile: (bytes) => call('write', what, () => file.writeFile(bytes)),
    sync: () => call('sync', what, () => file.sync()),
    close: () => file.close(),
  })
  const disk: Disk = {
    async open(path, flags) {
      const what = nameOf(path)
      await meddle('open', what)
      return watched(await systemDisk.open(path, flags), what)
    },
    rename: (from, to) =>
      call('rename', `${nameOf(from)} to ${nameOf(to)}`, () => systemDisk.rename(from, to)),
  }
  return { disk, done }
}

async function open(t: Test, { meddle, frames }: { meddle?: Meddle; frames?: Frames } = {}) {
  const directory = t.testdir()
  const { disk, done } = watchedDisk(directory, meddle)
  const archive = await createFileArchive({ directory, disk, ...(frames !== undefined && { frames }) })
  t.teardown(() => archive.close())
  return {
    archive,
    done,
    drafts: () => readdir(join(directory, 'tmp')),
    /** The calls since the previous time. */
    since: () => done.splice(0),
  }
}

/** Frames that accept everything as a valid video, and record when they inspected it. */
function looking(done: string[]): Frames {
  return {
    async inspect() {
      done.push('inspect draft')
      return found
    },
    thumbnail: () => Promise.reject(new Error('not asked for')),
    cut: () => Promise.reject(new Error('not asked for')),
    strip: () => Promise.reject(new Error('not asked for')),
    compare: () => Promise.reject(new Error('not asked for')),
    stills: () => Promise.reject(new Error('not asked for')),
    draw: () => Promise.reject(new Error('not asked for')),
    close: () => undefined,
  }
}

t.test(
  'a video gets its name only when its bytes are on the disk and were looked at, and counts only when its name is there',
  async (t) => {
    const inspected: string[] = []
    const { archive, since } = await open(t, { frames: looking(inspected) })
    since()
    t.match(await archive.put(mediaId(), source(clip), rules()), { type: 'stored' })
    t.same(since(), ['write draft', 'sync draft', 'sync root', 'rename draft to media', 'sync folder'])
    t.same(inspected, ['inspect draft'])
  },
)

t.test('what is looked at is what is on the disk', async (t) => {
  const order: string[] = []
  const meddle: Meddle = (call, what) => void order.push(`${call} ${what}`)
  const { archive } = await open(t, { meddle, frames: looking(order) })
  await archive.put(mediaId(), source(clip), rules())
  const inspected = order.indexOf('inspect draft')
  t.ok(order.indexOf('sync draft') < inspected, 'after it was synced')
  t.ok(inspected < order.indexOf('rename draft to media'), 'and before it has a name')
})

t.test('a clip that was cut out gets its name only when its bytes are on the disk', async (t) => {
  const { archive, since } = await open(t)
  const [from, to] = [mediaId(), mediaId()]
  await archive.put(from, source(clip), rules())
  since()
  t.match(await archive.cut(from, to, { start: 0, end: 1 }, rules().signal), { type: 'stored' })
  const done = since()
  t.equal(done[0], 'sync draft')
  t.same(done.slice(-2), ['rename draft to media', 'sync folder'])
})

t.test('a copy counts only when its name is on the disk', async (t) => {
  const { archive, since } = await open(t)
  const [from, to] = [mediaId(), mediaId()]
  await archive.put(from, source(clip), rules())
  since()
  await archive.copy(from, to)
  t.same(since().slice(-2), ['rename draft to media', 'sync folder'])
})

t.test('the folders above the archive are on the disk before anything in it counts', async (t) => {
  const above = t.testdir()
  const directory = join(above, 'new', 'media')
  const { disk, done } = watchedDisk(above)
  const archive = await createFileArchive({ directory, disk, frames: looking([]) })
  t.teardown(() => archive.close())
  t.same(done, ['sync media', 'sync folder', 'sync root'], 'from the folder for drafts upwards')
})

t.test('a folder that another file is just making does not count as being on the disk', async (t) => {
  const [held, reached] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let syncs = 0
  const meddle: Meddle = (call, what) => {
    if (call !== 'sync' || what !== 'root') return undefined
    syncs += 1
    // The first is that of the folder for drafts.
    if (syncs !== 2) return undefined
    reached.resolve()
    return held.promise
  }
  const { archive, since } = await open(t, { meddle, frames: looking([]) })
  since()
  const ids = ['media_01k9qzt3v8w2m4x6y0abcdefgh', 'media_01k9qzt3v8w2m4x6y1abcdefgh'] as const
  const first = archive.put(ids[0], source(clip), rules())
  await reached.promise
  t.match(await archive.put(ids[1], source(clip), rules()), { type: 'stored' })
  const done = since()
  t.ok(done.includes('sync root'), 'the second synced the name of the folder itself')
  t.ok(done.indexOf('sync root') < done.indexOf('rename draft to media'))
  held.resolve()
  t.match(await first, { type: 'stored' })
  since()
  await archive.put('media_01k9qzt3v8w2m4x6y2abcdefgh', source(clip), rules())
  t.notOk(since().includes('sync root'), 'and once it is known to be there, it is not synced again')
})

const fullAt: [call: Call, what: string][] = [
  ['open', 'draft'],
  ['write', 'draft'],
  ['sync', 'draft'],
  ['sync', 'root'],
  ['rename', 'draft to media'],
  ['sync', 'folder'],
]
for (const [call, what] of fullAt) {
  t.test(
    `a disk that is full at "${call} ${what}" says so, and stores again once there is room`,
    async (t) => {
      for (const code of ['ENOSPC', 'EDQUOT']) {
        let full = false
        const meddle: Meddle = (asked, about) => {
          if (full && asked === call && about === what)
            throw Object.assign(new Error(`${code}: no space left`), { code, syscall: 'write' })
        }
        const { archive, drafts } = await open(t, { meddle, frames: looking([]) })
        full = true
        const id = mediaId()
        t.match(await archive.put(id, source(clip), rules()), {
          type: 'no_space',
          message: 'The archive is full.',
        })
        t.same(await drafts(), [], 'what was written is given back')
        full = false
        t.match(await archive.put(id, source(clip), rules()), { type: 'stored' })
        t.ok((await bytesOf(archive.read(id, null))).equals(clip))
      }
    },
  )
}

t.test('a disk that fails is an error, not a stored video', async (t) => {
  for (const [call, what] of fullAt.slice(0, 5)) {
    let broken = false
    const meddle: Meddle = (asked, about) => {
      if (broken && asked === call && about === what)
        throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO', syscall: 'fsync' })
    }
    const { archive, drafts } = await open(t, { meddle, frames: looking([]) })
    broken = true
    const id = mediaId()
    await t.rejects(archive.put(id, source(clip), rules()), { code: 'EIO' }, `${call} ${what}`)
    t.equal(await archive.size(id), null)
    t.same(await drafts(), [])
  }
})

t.test('a disk that is full wherever a copy is written says so, and keeps nothing of it', async (t) => {
  for (const at of ['sync folder', 'rename draft to media', 'sync root'] as const) {
    let full = false
    const meddle: Meddle = (call, what) => {
      if (full && `${call} ${what}` === at)
        throw Object.assign(new Error(call), { code: 'ENOSPC', syscall: call })
    }
    const { archive, drafts } = await open(t, { meddle, frames: looking([]) })
    const from = mediaId()
    t.match(await archive.put(from, source(clip), rules()), { type: 'stored' })
    full = true
    t.equal(await archive.copy(from, 'media_01k9qzt3v8w2m4x6y0abcdefzz'), 'no_space', at)
    t.same(await drafts(), [])
    t.equal(await archive.size(from), clip.length, 'what was there stays')
  }
})
