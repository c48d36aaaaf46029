import { averageOf } from '../../domain/characters/comparison-table.ts'
import type { CharacterStore } from '../../ports/characters/character-store.ts'
import type { Clock } from '../../ports/clock.ts'
import type { GenerationLedger } from '../../ports/generations/generation-ledger.ts'
import type { UpstreamDirectory } from '../../ports/upstream.ts'
import { ownCharacter } from './own-character.ts'
import type { CharacterService } from './characters.ts'

/** More upstreams than anybody has configured over the years. */
const mostUpstreams = 1000

export function createCharacterUsage(deps: {
  characters: Pick<CharacterStore, 'get' | 'getByName' | 'scores'>
  store: Pick<GenerationLedger, 'usage'>
  directory: UpstreamDirectory
  clock: Clock
}): CharacterService['usage'] {
  const { characters, store, directory, clock } = deps
  return async (client, idOrName) => {
    const character = await ownCharacter(deps, client, idOrName)
    const { rows, totals } = await store.usage({
      tenant: client.tenant,
      from: 0,
      to: clock.now() + 1,
      character: character.id,
      groupBy: ['upstream'],
      limit: mostUpstreams,
    })
    const scores = await characters.scores(character.id)
    return {
      character,
      totals: { ...totals, scores: averageOf(scores) },
      upstreams: rows.map((row) => {
        const upstream = row.upstream ?? ''
        return {
          ...row,
          upstream,
          kind: directory.get(upstream)?.spec.kind ?? null,
          scores: averageOf(scores.filter((each) => each.upstream === upstream)),
        }
      }),
    }
  }
}
