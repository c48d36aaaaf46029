import type { RoutePolicy, RouteRequest } from '../route-request.ts'
import type { Fidelity, UpstreamSpec } from '../upstream.ts'

export type CharacterFit = { type: 'fit'; fidelity: Fidelity | null } | { type: 'excluded'; detail: string }

/** How an upstream would use the characters of a request, or why it cannot. Null fidelity: the request has none. */
export function fidelityOf(
  request: Pick<RouteRequest, 'characters' | 'referenceKind' | 'source'>,
  spec: UpstreamSpec,
  policy: Pick<RoutePolicy, 'characterFidelity'>,
): CharacterFit {
  const { characters, referenceKind, source } = request
  const count = characters.length
  if (count === 0) return { type: 'fit', fidelity: null }
  if (source !== undefined)
    return { type: 'excluded', detail: 'Characters cannot be added to an existing video.' }
  if (spec.characters !== 'none' && count > spec.maxCharacters) {
    return { type: 'excluded', detail: `It supports at most ${spec.maxCharacters} characters, not ${count}.` }
  }
  switch (spec.characters) {
    case 'native': {
      const failed = characters
        .flatMap(({ failedOn }) => failedOn)
        .find(({ upstream }) => upstream === spec.id)
      return failed === undefined
        ? { type: 'fit', fidelity: 'native' }
        : { type: 'excluded', detail: `A character is not available: ${failed.reason}` }
    }
    case 'inline':
      return { type: 'fit', fidelity: 'native' }
    case 'reference':
      if (!spec.references.includes('video'))
        return {
          type: 'excluded',
          detail: 'It does not support reference videos, which are needed to show a character.',
        }
      if (policy.characterFidelity !== 'any') {
        return {
          type: 'excluded',
          detail: 'It supports characters by reference only, and the request requires native characters.',
        }
      }
      return referenceKind === null
        ? { type: 'fit', fidelity: 'reference' }
        : { type: 'excluded', detail: 'Its only reference input is used by the reference of the request.' }
    case 'none':
      return { type: 'excluded', detail: 'It does not support characters.' }
  }
}

/** Why a prompt of so many characters is not for this upstream; null when it is. A prompt is never cut. */
export function tooLongFor(
  { maxPromptCharacters }: Pick<UpstreamSpec, 'maxPromptCharacters'>,
  characters: number,
): string | null {
  return maxPromptCharacters === null || characters <= maxPromptCharacters
    ? null
    : `It takes prompts of ${maxPromptCharacters} characters; as written for it this one has ${characters}.`
}
