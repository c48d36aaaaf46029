import { z } from 'zod'
import type { UsageFigures } from '../../../ports/generations/usage-reports.ts'
import type { CharacterUsage as Usage } from '../../../services/characters/characters.ts'
import { ScoreAveragesDto, toAverages } from '../comparisons/comparison.ts'
import { characterId, exampleCharacterId, shownKind, toUsd, usd } from '../fields.ts'

const figures = {
  generations: z.int().meta({ description: 'Generations that mention the character and were submitted.' }),
  videos: z.int().meta({ description: 'Videos delivered to the caller.' }),
  cost_usd: usd.meta({ description: 'The cost of settled attempts.' }),
  reserved_cost_usd: usd.meta({
    description: 'The highest possible cost of attempts that are not settled. Not included in `cost_usd`.',
  }),
  unknown_cost_usd: usd.meta({
    description: 'The part of `reserved_cost_usd` for jobs whose outcome is unknown.',
  }),
  unused_cost_usd: usd.meta({
    description: 'The part of `cost_usd` for attempts that delivered no video.',
  }),
  scores: ScoreAveragesDto.nullable().meta({
    description: 'What people said of its videos, over all comparisons. Null: nobody did.',
  }),
}

const exampleFigures = {
  generations: 21,
  videos: 19,
  cost_usd: 2.52,
  reserved_cost_usd: 0.12,
  unknown_cost_usd: 0,
  unused_cost_usd: 0.24,
  scores: { count: 8, face: 86.5, clothing: 91, style: 88 },
}

export const CharacterUsageDto = z
  .object({
    object: z.literal('character_usage'),
    character: z.object({ id: characterId, name: z.string() }),
    totals: z.object(figures).meta({ id: 'CharacterUsageTotals' }),
    upstreams: z.array(
      z
        .object({
          upstream: z.string(),
          kind: shownKind.nullable().meta({ description: 'Null: it is no longer configured.' }),
          ...figures,
        })
        .meta({ id: 'CharacterUsageRow' }),
    ),
  })
  .meta({
    id: 'CharacterUsage',
    description:
      'All attempts of generations that mention the character, including those of removed generations. A generation with two characters counts for both.',
    examples: [
      {
        object: 'character_usage',
        character: { id: exampleCharacterId, name: 'coffee_girl' },
        totals: exampleFigures,
        upstreams: [{ upstream: 'reseller-a', kind: 'reverse', ...exampleFigures }],
      },
    ],
  })

export type CharacterUsageDto = z.output<typeof CharacterUsageDto>

function toFigures(sums: UsageFigures & Usage['totals']): CharacterUsageDto['totals'] {
  return {
    generations: sums.generations,
    videos: sums.videos,
    cost_usd: toUsd(sums.costMicros),
    reserved_cost_usd: toUsd(sums.reservedMicros),
    unknown_cost_usd: toUsd(sums.unknownMicros),
    unused_cost_usd: toUsd(sums.unusedMicros),
    scores: toAverages(sums.scores),
  }
}

export function toCharacterUsageDto({ character, totals, upstreams }: Usage): CharacterUsageDto {
  return {
    object: 'character_usage',
    character: { id: character.id, name: character.name },
    totals: toFigures(totals),
    upstreams: upstreams.map((row) => ({ upstream: row.upstream, kind: row.kind, ...toFigures(row) })),
  }
}
