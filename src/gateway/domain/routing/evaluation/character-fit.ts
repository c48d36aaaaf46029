import { noCapabilities } from '../../inputs/capabilities.ts'
import { noInputs } from '../../inputs/route-inputs.ts'
import { stillsOfEach } from '../../inputs/still-room.ts'
import type { RoutePolicy, RouteRequest } from '../route-request.ts'
import type { Fidelity, UpstreamSpec } from '../upstream.ts'

export type CharacterFit = { type: 'fit'; fidelity: Fidelity | null } | { type: 'excluded'; detail: string }

/** How an upstream would use the characters of a request, or why it cannot. Null fidelity: the request has none. */
export function fidelityOf(
  request: Pick<RouteRequest, 'characters' | 'inputs' | 'referenceKind' | 'source'>,
  spec: UpstreamSpec,
  policy: Pick<RoutePolicy, 'characterFidelity'>,
): CharacterFit {
  const { characters, source } = request
  const count = characters.length
  if (count === 0) return { type: 'fit', fidelity: null }
  if (source !== undefined)
    return { type: 'excluded', detail: 'Characters cannot be added to an existing video.' }
  if (spec.characters !== 'none' && count > spec.maxCharacters) {
    return { type: 'excluded', detail: `It supports at most ${spec.maxCharacters} characters, not ${count}.` }
  }
  const missing = missingFor(characters, spec)
  if (missing !== null) return { type: 'excluded', detail: missing }
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
      return { type: 'fit', fidelity: 'inline' }
    case 'stills':
      return stillsFit(request, spec, policy)
    case 'reference':
      return referenceFit(request, spec, policy)
    case 'none':
      return { type: 'excluded', detail: 'It does not support characters.' }
  }
}

/** Whether the upstream needs a clip, or pictures, that a character does not have. Stills can be cut from every clip. */
function missingFor(characters: RouteRequest['characters'], spec: UpstreamSpec): string | null {
  const { characters: mode, charactersFrom = ['clip'] } = spec
  const needsClip =
    mode === 'inline' || mode === 'reference' || (mode === 'native' && !charactersFrom.includes('pictures'))
  return needsClip && characters.some(({ withoutClip = false }) => withoutClip)
    ? 'It needs the clip of a character, and one of these was made from pictures.'
    : null
}

type Fitting = [
  request: Pick<RouteRequest, 'characters' | 'inputs' | 'referenceKind'>,
  spec: UpstreamSpec,
  policy: Pick<RoutePolicy, 'characterFidelity'>,
]

function stillsFit(...[{ characters, inputs = noInputs }, spec, policy]: Fitting): CharacterFit {
  const { capabilities = noCapabilities } = spec
  if (stillsOfEach(capabilities, inputs.references, characters.length) === 0) {
    const detail = 'It has no room for a picture of each character beside the references of the request.'
    return { type: 'excluded', detail }
  }
  if (policy.characterFidelity === 'any') return { type: 'fit', fidelity: 'inline' }
  return {
    type: 'excluded',
    detail: 'It supports characters by pictures only, and the request requires native characters.',
  }
}

function referenceFit(...[{ referenceKind }, spec, policy]: Fitting): CharacterFit {
  if (!spec.references.includes('video')) {
    return {
      type: 'excluded',
      detail: 'It does not support reference videos, which are needed to show a character.',
    }
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
}

/** Whether the prompt tells what the characters look like, because the upstream does not know them by name. */
export function isDescribed(
  fidelity: Fidelity | null,
  { characters }: Pick<UpstreamSpec, 'characters'>,
): boolean {
  return fidelity === 'reference' || (fidelity === 'inline' && characters === 'stills')
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
