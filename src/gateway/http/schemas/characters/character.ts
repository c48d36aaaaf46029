import { z } from 'zod'
import { bindingFailureCodes, bindingStates } from '../../../domain/characters/binding.ts'
import type { CharacterClip, CharacterVoice } from '../../../domain/characters/character.ts'
import { asideDetail } from '../../../domain/characters/binding-ends.ts'
import { shownWord } from '../shown-word.ts'
import { CharacterStills, examplePicture, toPictures } from './character-stills.ts'
import type { CharacterOutlook, CharacterWithBindings } from '../../../services/characters/characters.ts'
import {
  characterId,
  fidelity,
  shownKind,
  exampleCharacterId,
  generationId,
  timestamp,
  toTimestamp,
  toTimestampOrNull,
} from '../fields.ts'
import { pageOf } from '../paging.ts'

const source = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('url'), url: z.string() }).meta({ id: 'UrlSource' }),
    z.object({ type: z.literal('upload'), file_name: z.string() }).meta({ id: 'UploadSource' }),
    z.object({ type: z.literal('generation'), generation_id: generationId }).meta({ id: 'GenerationSource' }),
    z.object({ type: z.literal('pictures'), count: z.int().positive() }).meta({ id: 'PicturesSource' }),
  ])
  .meta({ id: 'CharacterSource', description: 'What the character was made from.' })

const binding = z
  .object({
    upstream: z.string(),
    kind: shownKind.nullable().meta({ description: 'Null: the upstream is no longer configured.' }),
    state: shownWord(bindingStates),
    handle: z
      .string()
      .nullable()
      .meta({ description: 'The name of the character in prompts for this upstream.' }),
    clip: z.object({ start: z.number(), end: z.number() }).nullable().meta({
      id: 'BindingClip',
      description: 'The length of the clip that was sent to the upstream, in seconds.',
    }),
    failure: z.string().nullable().meta({
      description:
        'Why the binding failed. Without a `failure_code`: why polling of the pending binding is paused.',
    }),
    failure_code: shownWord(bindingFailureCodes).nullable(),
    retry_at: timestamp.nullable().meta({
      description:
        'When a generation that needs the binding may create it again. Null means only when `bindCharacter` is called.',
    }),
    orphans: z.int().nonnegative().meta({
      description:
        'The number of characters that the upstream may have created but whose responses were lost.',
    }),
    asked_by: z.string().nullable().meta({
      description:
        'The name of the key that had it created last, by `bindCharacter` or by a generation. Null: not recorded.',
    }),
    creations: z.int().nonnegative().meta({
      description:
        'How many times its creation was sent to the upstream. Upstreams may charge for each; the gateway does not know their prices.',
    }),
    updated_at: timestamp,
  })
  .meta({ id: 'Binding', description: 'The character as one upstream knows it.' })

const expectedUse = z
  .object({
    upstream: z.string(),
    kind: shownKind,
    fidelity: fidelity.nullable(),
    reason: z.string().nullable().meta({ description: 'Why the upstream cannot use it.' }),
  })
  .meta({
    id: 'ExpectedUse',
    description: 'How an upstream would use the character in a scene of it alone, for this key.',
  })

export const CharacterDto = z
  .object({
    id: characterId,
    object: z.literal('character'),
    name: z.string(),
    description: z.string(),
    source,
    clip: z
      .object({
        url: z.string().meta({ description: 'Relative to this server.' }),
        thumbnail_url: z.string().meta({ description: 'The first frame, relative to this server.' }),
        poster_url: z.string().meta({ deprecated: true, description: 'Use `thumbnail_url`.' }),
        content_type: z.string(),
        bytes: z.int().nonnegative(),
        sha256: z.string(),
        duration: z.number(),
        width: z.int(),
        height: z.int(),
      })
      .meta({ id: 'Clip', description: 'The source clip in the archive.' })
      .nullable()
      .meta({ description: 'Null for a character made from pictures.' }),
    stills: CharacterStills.nullable().meta({
      description: 'The pictures for upstreams that take no clip. Null: not cut from the clip yet.',
    }),
    voice: z
      .object({ content_type: z.string(), bytes: z.int(), sha256: z.string(), duration: z.number() })
      .meta({ id: 'CharacterVoice' })
      .nullable()
      .meta({ description: 'The recording of the voice. Null: none was given.' }),
    bindings: z.array(binding),
    expected: z
      .array(expectedUse)
      .optional()
      .meta({ description: 'Every configured upstream. Left out in lists.' }),
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({
    id: 'Character',
    description: 'A reusable identity that works on every upstream.',
    examples: [
      {
        id: exampleCharacterId,
        object: 'character',
        name: 'coffee_girl',
        description: 'a woman in a green apron, short black hair',
        source: { type: 'url', url: 'https://media.example/clip.mp4' },
        clip: {
          url: `/characters/${exampleCharacterId}/clip`,
          thumbnail_url: `/characters/${exampleCharacterId}/thumbnail`,
          poster_url: `/characters/${exampleCharacterId}/poster`,
          content_type: 'video/mp4',
          bytes: 524_288,
          sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
          duration: 3,
          width: 1280,
          height: 720,
        },
        stills: { from: 'clip', pictures: [examplePicture] },
        voice: null,
        bindings: [
          {
            upstream: 'reseller-a',
            kind: 'reverse',
            state: 'ready',
            handle: 'cafe.girl7',
            clip: { start: 0, end: 3 },
            failure: null,
            failure_code: null,
            retry_at: null,
            orphans: 0,
            asked_by: 'studio',
            creations: 1,
            updated_at: '2026-11-22T15:04:09.000Z',
          },
        ],
        expected: [
          { upstream: 'reseller-a', kind: 'reverse', fidelity: 'native', reason: null },
          { upstream: 'relay', kind: 'reverse', fidelity: null, reason: 'It does not support characters.' },
        ],
        created_at: '2026-11-22T15:04:05.000Z',
        updated_at: '2026-11-22T15:04:05.000Z',
      },
    ],
  })

export type CharacterDto = z.output<typeof CharacterDto>

export const CharacterPage = pageOf('CharacterPage', CharacterDto)

function toSourceDto(given: CharacterWithBindings['character']['source']): CharacterDto['source'] {
  switch (given.type) {
    case 'url':
      return { type: 'url', url: given.url }
    case 'upload':
      return { type: 'upload', file_name: given.fileName }
    case 'generation':
      return { type: 'generation', generation_id: given.generationId }
    case 'pictures':
      return { type: 'pictures', count: given.count }
  }
}

function toVoiceDto(voice: CharacterVoice): NonNullable<CharacterDto['voice']> {
  const { contentType, bytes, sha256, durationSeconds } = voice
  return { content_type: contentType, bytes, sha256, duration: durationSeconds }
}

function toClipDto(id: string, kept: CharacterClip): NonNullable<CharacterDto['clip']> {
  return {
    url: `/characters/${id}/clip`,
    thumbnail_url: `/characters/${id}/thumbnail`,
    poster_url: `/characters/${id}/poster`,
    content_type: kept.contentType,
    bytes: kept.bytes,
    sha256: kept.sha256,
    duration: kept.durationSeconds,
    width: kept.width,
    height: kept.height,
  }
}

export function toCharacterDto({ character, bindings }: CharacterWithBindings): CharacterDto {
  const { clip: kept, stills, voice } = character
  return {
    id: character.id,
    object: 'character',
    name: character.name,
    description: character.description,
    source: toSourceDto(character.source),
    clip: kept && toClipDto(character.id, kept),
    stills: stills === undefined ? null : toPictures(character.id, stills),
    voice: voice === undefined ? null : toVoiceDto(voice),
    bindings: bindings.map((one) => ({
      upstream: one.upstream,
      kind: one.kind,
      state: one.state,
      handle: one.handle,
      clip: one.span && { start: one.span.start, end: one.span.end },
      failure: one.failure === null ? asideDetail(one) : one.failure.message,
      failure_code: one.failure && one.failure.code,
      retry_at: one.failure && toTimestampOrNull(one.failure.retryAt),
      orphans: one.orphans,
      asked_by: one.askedBy,
      creations: one.creations,
      updated_at: toTimestamp(one.updatedAt),
    })),
    created_at: toTimestamp(character.createdAt),
    updated_at: toTimestamp(character.updatedAt),
  }
}

export function toCharacterOutlookDto(seen: CharacterOutlook): CharacterDto {
  const expected = seen.expected.map(({ upstream, kind, fidelity: as, reason }) => ({
    upstream,
    kind,
    fidelity: as,
    reason,
  }))
  return { ...toCharacterDto(seen), expected }
}
