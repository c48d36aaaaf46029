import type { FaultOf } from './fault.ts'

/** Progress as odd vendors and relays write it (official-api.md §5 row 19, reverse-dialects.md §6.6); undefined: left out. */
export function oddProgress(
  progress: number,
  style: FaultOf<'odd_progress'>['style'],
  polls: number,
): number | string | undefined {
  if (style === 'missing') return undefined
  if (style === 'percent') return `${progress}%`
  if (style === 'fraction') return progress / 100
  if (style === 'float') return progress + 0.37
  return polls % 2 === 0 ? Math.max(0, progress - 30) : progress
}
