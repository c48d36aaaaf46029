/** What people score, in the order of the sliders. */
export const aspects = ['face', 'clothing', 'style'] as const
export type Aspect = (typeof aspects)[number]

/** 0 to 100 each. */
export type Points = Readonly<Record<Aspect, number>>
/** Null: not scored yet. */
export type DraftPoints = Readonly<Record<Aspect, number | null>>

export const noPoints: DraftPoints = { face: null, clothing: null, style: null }

/** `1` to `5` as points: 0, 25, 50, 75, 100; null for any other key. */
export function pointsOfKey(key: string): number | null {
  return /^[1-5]$/u.test(key) ? (Number(key) - 1) * 25 : null
}

/** The points once every aspect has some, else null. */
export function completeOf({ face, clothing, style }: DraftPoints): Points | null {
  return face === null || clothing === null || style === null ? null : { face, clothing, style }
}

/** The means of each aspect; null of nothing. */
export function meanOf(scores: readonly Points[]): Points | null {
  if (scores.length === 0) return null
  const mean = (aspect: Aspect) => scores.reduce((sum, score) => sum + score[aspect], 0) / scores.length
  return { face: mean('face'), clothing: mean('clothing'), style: mean('style') }
}

/** One number for three. */
export function overall({ face, clothing, style }: Points): number {
  return (face + clothing + style) / 3
}
