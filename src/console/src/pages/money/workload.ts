import type { EstimateRequest } from './queries.ts'

/** A workload as it is typed. */
export interface Typed {
  count: string
  model: string
  duration: string
  size: 'landscape' | 'portrait'
  characters: string
}

export const usualWorkload: Typed = {
  count: '500',
  model: '',
  duration: '10',
  size: 'landscape',
  characters: '1',
}

/** As the API takes it; null while a number is missing. */
export function workloadOf({ count, model, duration, size, characters }: Typed): EstimateRequest | null {
  const [videos, seconds, each] = [count, duration, characters].map(Number)
  if (videos === undefined || seconds === undefined || each === undefined) return null
  const isWhole = Number.isInteger(videos) && videos >= 1 && Number.isInteger(each) && each >= 0
  if (!isWhole || !(seconds > 0)) return null
  return { count: videos, duration: seconds, size, characters: each, ...(model !== '' && { model }) }
}
