import sharp from 'sharp'
import t from 'tap'
import type { Test } from 'tap'
import { createFileArchive } from '../../src/gateway/media/archive/file-archive.ts'
import { chooseStills } from '../../src/gateway/media/frames/choose-stills.ts'
import { bytesOf, mediaId, rules, source } from '../contract/media-archive-builders.ts'
import { aClip } from '../fixtures/clips.ts'
import { aClipOfScenes, aScene } from '../fixtures/scenes.ts'
import type { Scene } from '../fixtures/scenes.ts'

async function open(t: Test) {
  const archive = await createFileArchive({ directory: t.testdir() })
  t.teardown(() => archive.close())
  return archive
}

const hash = (...ones: number[]): string =>
  Array.from({ length: 64 }, (_, at) => (ones.includes(at) ? '1' : '0')).join('')
const upTo = (bits: number): string => hash(...Array.from({ length: bits }, (_, at) => at))

const choices = [
  { of: 'no frames', frames: [], most: 3, chosen: [] },
  { of: 'one frame', frames: [[5, upTo(0)]], most: 3, chosen: [0] },
  {
    of: 'one pose: the sharpest alone',
    frames: [
      [5, upTo(0)],
      [9, upTo(2)],
      [8, upTo(4)],
    ],
    most: 3,
    chosen: [1],
  },
  {
    of: 'the sharpest, then what differs most from it, then what differs from both',
    frames: [
      [9, upTo(0)],
      [8, upTo(10)],
      [7, upTo(30)],
    ],
    most: 3,
    chosen: [0, 2, 1],
  },
  {
    of: 'no more than asked for',
    frames: [
      [9, upTo(0)],
      [8, upTo(10)],
      [7, upTo(30)],
    ],
    most: 2,
    chosen: [0, 2],
  },
  {
    of: 'nothing blurred, however different',
    frames: [
      [9, upTo(0)],
      [2, upTo(40)],
      [6, upTo(10)],
    ],
    most: 3,
    chosen: [0, 2],
  },
] as const

for (const { of, frames, most, chosen } of choices)
  t.test(`stills of ${of}`, async (t) => {
    const seen = frames.map(([sharpness, hash]) => ({ sharpness, hash }))
    t.same(chooseStills(seen, most), chosen)
  })

const pixels = async (bytes: Buffer) => sharp(bytes).removeAlpha().raw().toBuffer()

/** How far a picture is from the scene: the mean difference of a channel, 0 to 255. */
async function distanceTo(picture: Buffer, scene: Scene): Promise<number> {
  const [one, other] = [await pixels(picture), await pixels(await aScene(scene))]
  return one.reduce((sum, value, at) => sum + Math.abs(value - (other[at] ?? 0)), 0) / one.length
}

t.test(
  'the stills of a video are its sharp and different frames, in full size, and nothing blurred',
  async (t) => {
    const archive = await open(t)
    const id = mediaId()
    const [squares, discs]: Scene[] = [
      { pattern: 'squares', blur: 0 },
      { pattern: 'discs', blur: 0 },
    ]
    if (squares === undefined || discs === undefined) throw new Error('no scenes')
    const clip = await aClipOfScenes([{ pattern: 'stripes', blur: 14 }, squares, squares, discs])
    await archive.put(id, source(clip), rules())
    const ids = [mediaId(), mediaId(), mediaId(), mediaId()]
    const cut = await archive.stills(id, ids, rules().signal)
    if (cut.type !== 'stored') throw new Error(cut.message)
    t.same(
      cut.stills.map(({ mediaId, info }) => [mediaId, info.contentType, info.width, info.height]),
      ids.slice(0, 2).map((each) => [each, 'image/jpeg', 320, 240]),
    )
    const found = []
    for (const { mediaId } of cut.stills) {
      const picture = await bytesOf(archive.read(mediaId, null))
      const [toSquares, toDiscs] = [await distanceTo(picture, squares), await distanceTo(picture, discs)]
      t.ok(Math.min(toSquares, toDiscs) < 12, `${toSquares} ${toDiscs}`)
      found.push(toSquares < toDiscs ? 'squares' : 'discs')
    }
    t.same(found.toSorted(), ['discs', 'squares'])
    t.equal(await archive.size(ids[2] ?? mediaId()), null)
  },
)

t.test('a turned video has upright stills, and what is no video has none', async (t) => {
  const archive = await open(t)
  const [turned, picture] = [mediaId(), mediaId()]
  await archive.put(
    turned,
    source(await aClip({ seconds: 1, width: 320, height: 160, rotation: 90 })),
    rules(),
  )
  const cut = await archive.stills(turned, [mediaId(), mediaId()], rules().signal)
  t.match(cut, { type: 'stored', stills: [{ info: { width: 160, height: 320 } }] })
  await archive.put(picture, source(await aScene({ pattern: 'discs', blur: 0 })), rules())
  t.match(await archive.stills(picture, [mediaId()], rules().signal), { type: 'not_media' })
  t.match(await archive.stills(turned, [mediaId()], AbortSignal.abort()), { type: 'interrupted' })
  await t.rejects(archive.stills(mediaId(), [mediaId()], rules().signal))
})
