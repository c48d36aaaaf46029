import type { Binding } from '../../domain/characters/binding.ts'
import type {
  Character,
  CharacterClip,
  CharacterPicture,
  CharacterStills,
} from '../../domain/characters/character.ts'
import type { ExpectedUse } from '../../domain/characters/expected-use.ts'
import type { Client } from '../../domain/accounts/client.ts'
import type { CharacterId, GenerationId } from '../../domain/ids.ts'
import type { ScoreAverages } from '../../domain/characters/comparison-table.ts'
import type { UpstreamKind } from '../../domain/routing/upstream.ts'
import type { UsageFigures } from '../../ports/generations/usage-reports.ts'
import type { OpenMedia } from '../generations/generations.ts'
import type { StoredMedia } from '../media/media-intake.ts'

export interface CharacterInput {
  name: string
  /** The name as its maker wrote it, where `name` was made from it. */
  label?: string
  description: string
  source:
    | { type: 'url'; url: string }
    | { type: 'generation'; generationId: GenerationId }
    | { type: 'upload'; fileName: string; stored: StoredMedia }
    | { type: 'pictures'; pictures: AskedFile[] }
  /** A recording of the voice alone; null for none. */
  voice: AskedFile | null
  /** The part of the source to keep, in seconds; null keeps all. */
  clip: { start: number; end: number } | null
}

/** `pointer`: where the URL stands in the request. */
export type AskedFile =
  { type: 'url'; url: string; pointer: string } | { type: 'stored'; stored: StoredMedia }

/** `unusable`: a verdict on the clip. `unavailable`: it may do later. */
export interface NoClip {
  type: 'unusable' | 'unavailable'
  message: string
}

export interface CharacterWithStills {
  character: Character
  stills: CharacterStills
}

export interface CharacterWithBindings {
  character: Character
  /** Null kind: the upstream is not configured any more. */
  bindings: Array<Binding & { kind: UpstreamKind | null }>
}

export interface CharacterOutlook extends CharacterWithBindings {
  /** How every configured upstream would use it, for the key that asks. */
  expected: ExpectedUse[]
}

/** Of a character, over all attempts that show it. Null scores: nobody gave any. */
export interface CharacterUsage {
  character: Character
  totals: UsageFigures & { scores: ScoreAverages | null }
  /** Null kind: the upstream is not configured any more. */
  upstreams: Array<
    UsageFigures & { upstream: string; kind: UpstreamKind | null; scores: ScoreAverages | null }
  >
}

/** The character registry. Failures are thrown as `Problem`; another tenant's character is `not_found`. */
export interface CharacterService {
  create(client: Client, input: CharacterInput): Promise<CharacterOutlook>
  list(
    client: Client,
    query: { search: string | null; before: CharacterId | null; limit: number },
  ): Promise<{ data: CharacterWithBindings[]; hasMore: boolean }>
  /** By id or by name. */
  get(client: Client, idOrName: string): Promise<CharacterOutlook>
  update(
    client: Client,
    idOrName: string,
    change: { name: string | null; description: string | null },
  ): Promise<CharacterOutlook>
  remove(client: Client, idOrName: string): Promise<void>
  /** The source clip as it is kept, and what identifies its bytes. */
  clip(client: Client, idOrName: string): Promise<{ clip: CharacterClip; media: OpenMedia }>
  /** The first frame of the clip; without a clip, the first picture. */
  thumbnail(
    client: Client,
    idOrName: string,
  ): Promise<{ contentType: string; bytes: Uint8Array; etag: string }>
  /** The pictures for upstreams that take no clip, cut from the clip when they are first asked for. */
  stills(client: Client, idOrName: string): Promise<CharacterWithStills>
  /** One of them; the first has position 1. Cuts nothing. */
  still(
    client: Client,
    idOrName: string,
    position: number,
  ): Promise<{ picture: CharacterPicture; media: OpenMedia }>
  /** From now on these pictures are the stills, whatever the clip shows. */
  replaceStills(client: Client, idOrName: string, pictures: AskedFile[]): Promise<CharacterWithStills>
  /**
   * Makes the bindings of these upstreams now (null: every upstream that takes characters natively and that the key allows),
   * anew where they failed or were revoked. One that takes its time is answered as pending.
   */
  bind(client: Client, idOrName: string, upstreams: string[] | null): Promise<CharacterOutlook>
  /** What was made with it since it is there, of generations that were removed since, too. */
  usage(client: Client, idOrName: string): Promise<CharacterUsage>
}
