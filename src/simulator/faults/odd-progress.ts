import type { FaultOf } from './fault.ts'

/**
 * Progress in the unusual formats of some vendors and relays (docs/vendors/failure-modes.md#odd-progress); undefined:
 * omitted.
 */
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
