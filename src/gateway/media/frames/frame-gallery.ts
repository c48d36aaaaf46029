import { readFile } from 'node:fs/promises'
import type { MediaId } from '../../domain/ids.ts'
import type { ContactSheet, FrameGallery, SheetCell } from '../../ports/media/frame-gallery.ts'
import type { TemporaryFolder } from '../archive/temporary-folder.ts'
import type { Frames } from './frames.ts'
import type { Pictures } from '../inspect/pictures.ts'

/** Creates film strips and keeps them beside their videos. All decoding and drawing runs in child processes. */
export function createFrameGallery(folder: TemporaryFolder, strips: Pictures, frames: Frames): FrameGallery {
  async function drawingOf(
    { title, lines, source, columns, scenes }: ContactSheet,
    opened: AsyncDisposableStack,
  ) {
    const fileOf = async (id: MediaId | null) => (id === null ? null : strips.file(id, opened))
    const cellOf = async ({ mediaId, caption, missing }: SheetCell) => ({
      strip: await fileOf(mediaId),
      caption,
      missing,
    })
    const drawn = []
    for (const scene of scenes) {
      const takes = []
      for (const cells of scene.takes) takes.push(await Promise.all(cells.map(cellOf)))
      drawn.push({ title: scene.title, takes })
    }
    const own = source && { caption: source.caption, strip: await fileOf(source.mediaId) }
    return { title, lines, source: own, columns, scenes: drawn }
  }

  return {
    strip: (id) => strips.get(id),
    async resemblance(of, to) {
      await using opened = new AsyncDisposableStack()
      const [one, other] = [await strips.file(of, opened), await strips.file(to, opened)]
      if (one === null || other === null) return null
      const compared = await frames.compare(one, other)
      if (compared.type === 'unusable') return null
      if (compared.type !== 'compared') throw new Error(compared.message)
      const { hashSimilarity, colourDistance } = compared
      return { hashSimilarity, colourDistance }
    },
    async draw(sheet) {
      await using opened = new AsyncDisposableStack()
      const tempFile = folder.path()
      opened.defer(() => folder.remove(tempFile))
      const written = await frames.draw(await drawingOf(sheet, opened), tempFile)
      if (written.type !== 'written') throw new Error(`No sheet could be drawn. ${written.message}`)
      return await readFile(tempFile)
    },
  }
}
