import type { MediaId } from '../../domain/ids.ts'

/** Frames of a video at even intervals, side by side in one WebP, all of the same size. */
export interface FilmStrip {
  contentType: string
  bytes: Uint8Array
}

/** How similar two videos are. Each frame is compared with the most similar frame of the other video. */
export interface Resemblance {
  /**
   * 0-1: the share of equal bits of 64-bit perceptual hashes, averaged over the frames. Unrelated pictures score about
   * 0.5.
   */
  hashSimilarity: number
  /** CIEDE2000 over a grid of mean colours: 0 is identical, 2 is barely visible, 100 is black against white. */
  colourDistance: number
}

/** Analyses stored videos. Null: the file is missing or its frames cannot be decoded. Throws if no decoder is free. */
export interface FrameGallery {
  /** Created on first use and kept as long as the file. */
  strip(id: MediaId): Promise<FilmStrip | null>
  resemblance(of: MediaId, to: MediaId): Promise<Resemblance | null>
  /** The sheet as one PNG. */
  draw(sheet: ContactSheet): Promise<Uint8Array>
}

/** A contact sheet of film strips. Its texts are drawn as they are. */
export interface ContactSheet {
  title: string
  lines: string[]
  source: { caption: string; mediaId: MediaId } | null
  /** Empty if there are no columns: scenes are listed one below the other, and their takes have no numbers. */
  columns: Array<{ name: string; lines: string[] }>
  /** One per scene; each of its takes has one cell per column. */
  scenes: Array<{ title: string; takes: SheetCell[][] }>
}

export interface SheetCell {
  /** Null if there is no video to show. */
  mediaId: MediaId | null
  caption: string
  /** Shown instead of the pictures. */
  missing: string
}
