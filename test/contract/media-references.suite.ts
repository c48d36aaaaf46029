import type { Test } from 'tap'
import type { CharacterStore } from '../../src/gateway/ports/characters/character-store.ts'
import type { GenerationStore } from '../../src/gateway/ports/generations/generation-store.ts'
import type { MediaReferences } from '../../src/gateway/ports/media/media-references.ts'
import { aCharacter, aGeneration, someStills, START } from '../fixtures/generation.ts'

interface Stores {
  references: MediaReferences
  generations: GenerationStore
  characters: CharacterStore
}

const numbered = (count: number) => `media_01k0000000000000000000001${count}` as const

/** What every MediaReferences guarantees of what records need. */
export function mediaReferencesContract(t: Test, make: (t: Test) => Promise<Stores>): void {
  t.test('what records need is read part by part: videos, the inputs of open work, clips', async (t) => {
    const { references, generations, characters } = await make(t)
    t.same(await references.namedAfter(null, 10), { named: [], last: null, read: 0 })
    const mediaId = 'media_01k00000000000000000000009' as const
    const reference = { kind: 'image', mediaId, contentType: 'image/png', influence: null } as const
    const unlimited = { monthStart: START, monthlyBudgetMicros: null, maxInFlight: null }
    const open = aGeneration()
    const ended = aGeneration()
    const picture = {
      kind: 'image',
      contentType: 'image/png',
      width: 1,
      height: 1,
      durationSeconds: null,
    } as const
    const inputs = {
      firstFrame: { ...picture, mediaId: numbered(1) },
      lastFrame: { ...picture, mediaId: numbered(2) },
      references: [3, 4].map((count) => ({
        ...picture,
        mediaId: numbered(count),
        role: 'style' as const,
        name: null,
        generationId: null,
      })),
    }
    const made = [
      { ...open, request: { ...open.request, ...inputs, reference } },
      { ...ended, status: 'failed' as const, request: { ...ended.request, ...inputs, reference } },
    ]
    for (const each of made)
      await generations.insert(each, { entries: [], idempotency: null, limits: unlimited })
    const ids = made.map(({ id }) => id).toSorted()
    const first = await references.namedAfter(null, 1)
    const second = await references.namedAfter(first.last, 1)
    t.same([first.last, second.last], ids)
    t.same(
      [...first.named, ...second.named],
      [
        { owner: open.id, kind: 'reference', mediaId },
        ...[1, 2, 3, 4].map((count) => ({ owner: open.id, kind: 'input', mediaId: numbered(count) })),
      ],
    )
    t.same(await references.namedAfter(second.last, 1), { named: [], last: null, read: 0 })
    const character = aCharacter()
    await characters.insert(character)
    const drawn = aCharacter({ name: 'drawn', clip: null, stills: someStills(numbered(21), numbered(22)) })
    await characters.insert(drawn)
    const expected = [
      { character: character.id, clip: character.clip?.mediaId, stills: [] },
      { character: drawn.id, clip: null, stills: [numbered(21), numbered(22)] },
    ]
    // IDs of one millisecond are in no order.
    t.same(
      await references.clipsAfter(null, 10),
      expected.toSorted((a, b) => (a.character < b.character ? -1 : 1)),
    )
  })
}
