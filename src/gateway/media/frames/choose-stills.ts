import distance from 'sharp-phash/distance.js'

/** What is known of a frame that may become a still. */
export interface SeenFrame {
  /** Standard deviation of the picture's Laplacian: blurred and empty pictures have little. */
  sharpness: number
  /** 64 characters `0` and `1` that change little when the picture does. */
  hash: string
}

/** Blurred: below this part of the sharpest frame. Motion halves it within a few frames. */
const leastSharpness = 0.5
/** Bits in which two stills differ at least. Frames of the same pose differ in up to 4. */
const leastDistance = 6

/**
 * The positions of at most `most` frames that are sharp and unlike each other: the sharpest one first, then each time the
 * one that differs most from all that are chosen. At least one where there are frames.
 */
export function chooseStills(frames: readonly SeenFrame[], most: number): number[] {
  const sharpest = Math.max(...frames.map(({ sharpness }) => sharpness))
  const left = frames
    .map((frame, index) => ({ ...frame, index }))
    .filter(({ sharpness }) => sharpness >= sharpest * leastSharpness)
    .toSorted((a, b) => b.sharpness - a.sharpness)
  const chosen: typeof left = []
  while (chosen.length < most) {
    const distances = left.map(({ hash }) => Math.min(64, ...chosen.map((one) => distance(hash, one.hash))))
    const farthest = Math.max(...distances)
    const next = farthest < leastDistance ? undefined : left[distances.indexOf(farthest)]
    if (next === undefined) break
    chosen.push(next)
    left.splice(left.indexOf(next), 1)
  }
  return chosen.map(({ index }) => index)
}
