import type { MediaId } from '../../domain/ids.ts'

/** Pictures of a video at even distances in time, side by side in one WebP, each of the same size. */
export interface FilmStrip {
  contentType: string
  bytes: Uint8Array
}

/** How like one video's frames are to those of another, each frame measured against the one that is nearest to it. */
export interface Resemblance {
  /** 0-1: the share of equal bits of 64-bit perceptual hashes, over the frames. Unlike pictures come to about a half. */
  hashSimilarity: number
  /** CIEDE2000 over a grid of mean colours: 0 is the same, 2 is just seen, 100 is black against white. */
  colourDistance: number
}

/** Looks at stored videos. Null: the file is missing or its frames cannot be decoded. Throws when nothing is free to look. */
export interface FrameGallery {
  /** Made on first use and kept as long as the file. */
  strip(id: MediaId): Promise<FilmStrip | null>
  resemblance(of: MediaId, to: MediaId): Promise<Resemblance | null>
  /** The sheet as one PNG. */
  draw(sheet: ContactSheet): Promise<Uint8Array>
}

/** A sheet of strips to look at side by side, in words that are ready to be drawn. */
export interface ContactSheet {
  title: string
  lines: string[]
  source: { caption: string; mediaId: MediaId } | null
  /** Empty: scenes are one below the other, and their takes have no numbers. */
  columns: Array<{ name: string; lines: string[] }>
  /** One for each scene; each of its takes has one cell for every column. */
  scenes: Array<{ title: string; takes: SheetCell[][] }>
}

export interface SheetCell {
  /** Null where there is no video to show. */
  mediaId: MediaId | null
  caption: string
  /** Said in place of the pictures. */
  missing: string
}
