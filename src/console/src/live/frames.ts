import type { Schemas } from '../api/client.ts'

export type Frame = Schemas['Change']
export const frameTypes = [
  'generation.changed',
  'generation.removed',
  'upstream.changed',
  'resync',
  'heartbeat',
] as const satisfies ReadonlyArray<Frame['type']>

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** A frame of the stream or of another tab; null if it is none that this console knows. */
export function parseFrame(text: string): Frame | null {
  try {
    const value: unknown = JSON.parse(text)
    return isFrame(value) ? value : null
  } catch {
    return null
  }
}

/** The gateway keeps to its document; of another tab of another release only the type and the number are sure. */
export function isFrame(value: unknown): value is Frame {
  return (
    isRecord(value) && typeof value['seq'] === 'number' && frameTypes.some((type) => type === value['type'])
  )
}
