import type { Session } from './session.ts'
import { shownGeneration } from './views/shapes.ts'
import type { ShownGeneration } from './views/shapes.ts'

/** `GET /generations/{id}`. What it has cost is taken over. */
export function readGeneration(
  { reach, spending }: Pick<Session, 'reach' | 'spending'>,
  id: string,
  signal: AbortSignal,
  query = '',
): Promise<ShownGeneration> {
  const path = `/generations/${encodeURIComponent(id)}${query}`
  return spending.observe(() => reach.read(path, shownGeneration, signal))
}
