import sharp from 'sharp'
import t from 'tap'
import type { Test } from 'tap'
import type { MediaId } from '../../src/gateway/domain/ids.ts'
import { createFileArchive } from '../../src/gateway/media/archive/file-archive.ts'
import type { ContactSheet } from '../../src/gateway/ports/media/frame-gallery.ts'
import { renderClip } from '../../src/simulator/clips/clip.ts'
import { mediaId, rules, source } from '../contract/media-archive-builders.ts'
import { aClip, brightnessAt, type ClipShape } from '../fixtures/clips.ts'

async function open(t: Test) {
  const directory = t.testdir()
  const archive = await createFileArchive({ directory })
  t.teardown(() => archive.close())
  const keep = async (bytes: Uint8Array): Promise<MediaId> => {
    const id = mediaId()
    const stored = await archive.put(id, source(bytes), rules())
    if (stored.type !== 'stored') throw new Error(stored.message)
    return id
  }
  return { archive, gallery: archive.gallery, keep }
}

const clipOf = (seed: string, width = 320, height = 240) => renderClip({ seconds: 2, width, height, seed })

t.test('a strip shows six frames at even distances, upright and in their shape', async (t) => {
  const { gallery, keep } = await open(t)
  const shape: ClipShape = { seconds: 3, width: 320, height: 160 }
  const strip = await gallery.strip(await keep(await aClip(shape)))
  t.equal(strip?.contentType, 'image/webp')
  const picture = sharp(strip?.bytes)
  t.match(await picture.metadata(), { format: 'webp', width: 6 * 224, height: 112 })
  for (let index = 0; index < 6; index++) {
    const tile = await picture
      .clone()
      .extract({ left: index * 224, top: 0, width: 224, height: 112 })
      .png()
      .toBuffer()
    const { channels } = await sharp(tile).stats()
    const expected = brightnessAt(shape, ((index + 0.5) / 6) * 3)
    t.ok(Math.abs((channels[0]?.mean ?? 0) - expected) < 25, `${channels[0]?.mean} is about ${expected}`)
  }
  const turned = await gallery.strip(await keep(await aClip({ ...shape, rotation: 90 })))
  t.match(await sharp(turned?.bytes).metadata(), { width: 6 * 112, height: 224 })
})

t.test('a strip goes with its file, and there is none of what is no video', async (t) => {
  const { archive, gallery, keep } = await open(t)
  const id = await keep(await clipOf('a'))
  t.ok(await gallery.strip(id))
  await archive.remove(id)
  t.equal(await gallery.strip(id), null)
  t.equal(await gallery.resemblance(id, id), null)
  const replaced = await keep(await clipOf('a'))
  const before = await gallery.strip(replaced)
  await archive.put(replaced, source(await clipOf('b')), rules())
  t.not(
    Buffer.from((await gallery.strip(replaced))?.bytes ?? []).compare(before?.bytes ?? new Uint8Array()),
    0,
  )
})

t.test('a video resembles itself entirely, another cut of it nearly, and another one less', async (t) => {
  const { gallery, keep } = await open(t)
  const own = await keep(await clipOf('amber'))
  const smaller = await keep(await clipOf('amber', 160, 120))
  const other = await keep(await clipOf('another'))
  t.same(await gallery.resemblance(own, own), { hashSimilarity: 1, colourDistance: 0 })
  const near = await gallery.resemblance(smaller, own)
  const far = await gallery.resemblance(other, own)
  if (near === null || far === null) throw new Error('not compared')
  // These clips are a plain shade with a bar, of which a hash has little to hold on to.
  t.ok(near.hashSimilarity > 0.6, `${near.hashSimilarity}`)
  t.ok(near.colourDistance < 4, `${near.colourDistance}`)
  t.ok(far.colourDistance > near.colourDistance + 5, `${far.colourDistance}`)
  t.ok(far.hashSimilarity <= near.hashSimilarity)
})

t.test('a sheet is drawn with whatever there is to show', async (t) => {
  const { gallery, keep } = await open(t)
  const id = await keep(await clipOf('amber'))
  const cell = { mediaId: id, caption: '$0.12 · 84 s', missing: '' }
  const gone = { mediaId: mediaId(), caption: '', missing: 'failed: <b>&amp; "overloaded"' }
  const sheet: ContactSheet = {
    title: 'coffee_girl & <others>',
    lines: ['2 scenes × 2 runs', ''],
    source: { caption: 'Source clip', mediaId: id },
    columns: [
      { name: 'reseller-a', lines: ['4 of 4'] },
      { name: 'openai', lines: [] },
    ],
    scenes: [
      {
        title: 'walks '.repeat(100),
        takes: [
          [cell, gone],
          [cell, cell],
        ],
      },
      { title: '在海边散步 @é \u{1f469}', takes: [[gone, gone]] },
    ],
  }
  const png = await gallery.draw(sheet)
  const facts = await sharp(png).metadata()
  t.match(facts, { format: 'png', width: 2 * 40 + 34 + 2 * 660 + 20 })
  t.ok(facts.height > 500)
  const none = await gallery.draw({ ...sheet, columns: [], scenes: [] })
  t.equal((await sharp(none).metadata()).format, 'png')
})
