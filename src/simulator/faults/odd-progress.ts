import type { FaultOf } from './fault.ts'

/** Progress as odd vendors and relays write it (docs/vendors/failure-modes.md#odd-progress); undefined: left out. */
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
