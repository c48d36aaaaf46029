import { readFile, rm } from 'node:fs/promises'
import type { MediaId } from '../../domain/ids.ts'
import type { ContactSheet, FrameGallery, SheetCell } from '../../ports/media/frame-gallery.ts'
import type { ArchiveFiles } from '../archive/archive-files.ts'
import type { Frames } from './frames.ts'
import type { Pictures } from '../inspect/pictures.ts'

/** Creates film strips and keeps them beside their videos. All decoding and drawing runs in child processes. */
export function createFrameGallery(files: ArchiveFiles, strips: Pictures, frames: Frames): FrameGallery {
  const pathOf = async (id: MediaId | null): Promise<string | null> =>
    id === null || (await strips.get(id)) === null ? null : strips.path(id)

  async function cellOf({ mediaId, caption, missing }: SheetCell) {
    return { strip: await pathOf(mediaId), caption, missing }
  }

  async function drawingOf({ title, lines, source, columns, scenes }: ContactSheet) {
    const drawn = []
    for (const scene of scenes) {
      const takes = []
      for (const cells of scene.takes) takes.push(await Promise.all(cells.map(cellOf)))
      drawn.push({ title: scene.title, takes })
    }
    const own = source && { caption: source.caption, strip: await pathOf(source.mediaId) }
    return { title, lines, source: own, columns, scenes: drawn }
  }

  return {
    strip: (id) => strips.get(id),
    async resemblance(of, to) {
      const [one, other] = [await pathOf(of), await pathOf(to)]
      if (one === null || other === null) return null
      const compared = await frames.compare(one, other)
      if (compared.type === 'unusable') return null
      if (compared.type !== 'compared') throw new Error(compared.message)
      const { hashSimilarity, colourDistance } = compared
      return { hashSimilarity, colourDistance }
    },
    async draw(sheet) {
      const tempFile = files.temporary()
      try {
        const written = await frames.draw(await drawingOf(sheet), tempFile)
        if (written.type !== 'written') throw new Error(`No sheet could be drawn. ${written.message}`)
        return await readFile(tempFile)
      } finally {
        await rm(tempFile, { force: true })
      }
    },
  }
}
