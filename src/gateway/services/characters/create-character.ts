import type {
  Character,
  CharacterClip,
  CharacterPicture,
  CharacterSource,
  CharacterVoice,
} from '../../domain/characters/character.ts'
import type { MediaKind } from '../../domain/media-kind.ts'
import type { Client } from '../../domain/accounts/client.ts'
import { auditEntry } from '../accounts/audit-entry.ts'
import type { CharacterStore } from '../../ports/characters/character-store.ts'
import type { Clock, Ids } from '../../ports/clock.ts'
import type { GenerationStore } from '../../ports/generations/generation-store.ts'
import type { MediaArchive } from '../../ports/media/media-archive.ts'
import type { AskedFile, CharacterInput } from './characters.ts'
import { mostInputBytes } from '../../domain/inputs/request-inputs.ts'
import { mayBeWritten } from '../may-be-written.ts'
import type { MediaIntake, StoredMedia } from '../media/media-intake.ts'
import { cutClip, obtainClip } from './obtain-clip.ts'
import { checkName, taken } from './own-character.ts'

interface Deps {
  characters: CharacterStore
  generations: GenerationStore
  archive: MediaArchive
  intake: MediaIntake
  clock: Clock
  ids: Ids
}

/** Throws `Problem`; then nothing of it is kept. */
export async function createCharacter(deps: Deps, client: Client, input: CharacterInput): Promise<Character> {
  const { characters, archive, clock, ids } = deps
  const stored: StoredMedia[] = []
  try {
    checkName(input.name)
    if ((await characters.getByName(client.tenant, input.name)) !== null) throw taken(input.name)
    const shown = await obtain(deps, client, input, stored)
    const voice = input.voice && (await obtainFile(deps.intake, input.voice, 'audio'))
    if (voice !== null) stored.push(voice)
    const now = clock.now()
    const character: Character = {
      id: ids.character(),
      tenant: client.tenant,
      name: input.name,
      ...(input.label !== undefined && { label: input.label }),
      description: input.description,
      source: sourceOf(input),
      ...shown,
      ...(voice !== null && { voice: voiceOf(voice) }),
      createdAt: now,
      updatedAt: now,
    }
    const audit = auditEntry(deps, {
      actor: client,
      action: 'character.created',
      subject: character.id,
      data: { name: character.name },
    })
    if ((await characters.insert(character, audit)) === 'name_taken') throw taken(input.name)
    return character
  } catch (error) {
    // If the request fails, its files are removed too.
    if (!mayBeWritten(error)) for (const { mediaId } of stored) await archive.remove(mediaId)
    throw error
  }
}

/** The clip or the pictures in the archive. `stored` is told of every file as soon as it is there. */
async function obtain(
  deps: Deps,
  client: Client,
  input: CharacterInput,
  stored: StoredMedia[],
): Promise<Pick<Character, 'clip' | 'stills'>> {
  const { source, clip } = input
  if (source.type === 'pictures') {
    const pictures = await obtainPictures(deps.intake, source.pictures, stored)
    return { clip: null, stills: { from: 'pictures', pictures } }
  }
  const whole = await obtainClip(deps, client, source)
  stored.push(whole)
  const cut = await cutClip(deps, whole, clip)
  if (cut !== whole) stored.splice(0, 1, cut)
  return { clip: clipOf(cut) }
}

/** Each in the archive, in the order of the request. */
export async function obtainPictures(
  intake: MediaIntake,
  asked: readonly AskedFile[],
  stored: StoredMedia[],
): Promise<CharacterPicture[]> {
  const pictures: CharacterPicture[] = []
  for (const picture of asked) {
    const kept = await obtainFile(intake, picture, 'image')
    stored.push(kept)
    pictures.push(pictureOf(kept))
  }
  return pictures
}

async function obtainFile(intake: MediaIntake, file: AskedFile, kind: MediaKind): Promise<StoredMedia> {
  if (file.type === 'stored') return file.stored
  return intake.fromUrl(file.url, [kind], file.pointer, mostInputBytes[kind])
}

function voiceOf(stored: StoredMedia): CharacterVoice {
  const { width: _width, height: _height, ...voice } = clipOf(stored)
  return voice
}

export function pictureOf({ mediaId, info }: StoredMedia): CharacterPicture {
  const { contentType, bytes, sha256, width, height } = info
  return { mediaId, contentType, bytes, sha256, width, height }
}

function sourceOf({ source }: CharacterInput): CharacterSource {
  switch (source.type) {
    case 'upload':
      return { type: 'upload', fileName: source.fileName }
    case 'pictures':
      return { type: 'pictures', count: source.pictures.length }
    case 'url':
    case 'generation':
      return source
  }
}

function clipOf(stored: StoredMedia): CharacterClip {
  return { ...pictureOf(stored), durationSeconds: stored.info.durationSeconds ?? 0 }
}
