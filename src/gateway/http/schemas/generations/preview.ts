import { z } from 'zod'
import { bindingNeeds } from '../../../domain/routing/preview.ts'
import type { RoutePreview } from '../../../domain/routing/preview.ts'
import { exampleCharacterId } from '../fields.ts'
import { shownWord } from '../shown-word.ts'
import { RoutePlanDto, candidate, examplePlan, toCandidateDto, toPlanDto } from './plan.ts'

const previewCandidate = candidate
  .extend({
    expected_seconds: z.number().nonnegative().nullable().meta({
      description:
        'The median time from submission to the finished video at this upstream in the last 24 hours, without the time to create characters there. Null if nothing was measured.',
    }),
    binding: shownWord(bindingNeeds).nullable().meta({
      description:
        'Whether the upstream knows all characters already (`ready`), or one is created there first (`needed`). Null if it does not have to know any.',
    }),
  })
  .meta({ id: 'PreviewCandidate', description: 'An upstream that can render the video, and what to expect.' })

const offset = z.int().nonnegative()

const mentionedCharacter = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    mentions: z.array(z.object({ start: offset, end: offset })).meta({
      description:
        'Where the prompt mentions it, with the `@`, in order. Offsets are UTF-16 code units, as in JavaScript strings, and count from the first character of the prompt that is not white space. `end` is exclusive.',
    }),
  })
  .meta({ id: 'MentionedCharacter', description: 'A character of the prompt, and where it is mentioned.' })

const [first, second] = examplePlan.candidates

export const RoutePreviewDto = RoutePlanDto.extend({
  candidates: z.array(previewCandidate).meta({ description: 'In the order in which they are tried.' }),
  characters: z.array(mentionedCharacter).meta({ description: 'In the order of their first mention.' }),
}).meta({
  id: 'RoutePreview',
  description: 'The route plan of a request, with its characters and what to expect of each upstream.',
  examples: [
    {
      ...examplePlan,
      candidates: [
        { ...first, expected_seconds: 94.2, binding: 'ready' },
        { ...second, expected_seconds: null, binding: null },
      ],
      characters: [
        {
          id: exampleCharacterId,
          name: 'coffee_girl',
          description: 'a woman in a green apron',
          mentions: [{ start: 0, end: 12 }],
        },
      ],
    },
  ],
})

export type RoutePreviewDto = z.output<typeof RoutePreviewDto>

export function toPreviewDto(preview: RoutePreview): RoutePreviewDto {
  return {
    ...toPlanDto(preview),
    candidates: preview.candidates.map((one) => ({
      ...toCandidateDto(one),
      expected_seconds: one.expectedMs === null ? null : one.expectedMs / 1000,
      binding: one.binding,
    })),
    characters: preview.characters,
  }
}
