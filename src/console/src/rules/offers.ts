import type { Schemas } from '../api/client.ts'

type Model = Pick<Schemas['Model'], 'id' | 'default'> & {
  upstreams: ReadonlyArray<{
    upstream: string
    reference: readonly string[]
    pictures: ReadonlyArray<{
      sizes: readonly string[] | null
      lengths: ReadonlyArray<{ durations: readonly number[] | null }>
    }>
    inputs: { first_frame: boolean; last_frame: string }
  }>
}

/** What can be chosen in the studio. */
export interface Offers {
  models: string[]
  defaultModel: string | null
  /** Whole or broken seconds, ascending. */
  lengths: number[]
  /** Whether some upstream takes other lengths as well. */
  anyLength: boolean
  sizes: string[]
  upstreams: string[]
  takesReference: boolean
  takesFirstFrame: boolean
  takesLastFrame: boolean
}

/** Where upstreams take any length. */
const usualLengths = [5, 10, 15]

/** Everything that some upstream of the model offers; routing leaves out those that do not. */
export function offersOf(models: readonly Model[], chosen: string): Offers {
  const defaultModel = models.find((model) => model.default)?.id ?? null
  const model = models.find(({ id }) => id === (chosen === '' ? defaultModel : chosen))
  const upstreams = model?.upstreams ?? []
  const pictures = upstreams.flatMap((each) => each.pictures)
  const lengths = pictures.flatMap((picture) => picture.lengths.map(({ durations }) => durations))
  const anyLength = lengths.length === 0 || lengths.includes(null)
  const known = lengths.flatMap((each) => each ?? [])
  return {
    models: models.map(({ id }) => id),
    defaultModel,
    lengths: ascending(anyLength ? [...known, ...usualLengths] : known),
    anyLength,
    sizes: [...new Set(pictures.flatMap(({ sizes }) => sizes ?? []))].toSorted(),
    upstreams: upstreams.map(({ upstream }) => upstream),
    takesReference: upstreams.some(({ reference }) => reference.length > 0),
    takesFirstFrame: upstreams.some(({ inputs }) => inputs.first_frame),
    takesLastFrame: upstreams.some(({ inputs }) => inputs.last_frame !== 'none'),
  }
}

function ascending(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].toSorted((a, b) => a - b)
}
