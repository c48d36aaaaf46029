import type { AuditEntry } from '../../domain/accounts/audit.ts'
import type { Account } from '../../domain/attempts/account.ts'
import type { Binding } from '../../domain/characters/binding.ts'
import type { Character, CharacterStills } from '../../domain/characters/character.ts'
import type { ScoreAverages } from '../../domain/characters/comparison-table.ts'
import type { CharacterId } from '../../domain/ids.ts'

export interface CharacterListQuery {
  tenant: string
  search: string | null
  /** Only those older than this id. */
  before: CharacterId | null
  limit: number
}

/** What people say of the videos of a character on one upstream, over all comparisons. */
export interface CharacterScores extends ScoreAverages {
  upstream: string
}

export type BindingKey = Pick<Binding, 'characterId' | 'upstream'>

export type CharacterUpdate = 'updated' | 'name_taken' | 'missing'

/** The character registry and its bindings. Every write, with its audit entry, is durable when its promise resolves. */
export interface CharacterStore {
  insert(character: Character, audit?: AuditEntry): Promise<'inserted' | 'name_taken'>
  get(id: CharacterId): Promise<Character | null>
  getByName(tenant: string, name: string): Promise<Character | null>
  /** Of this tenant, or with null of every tenant, up to 100. */
  idsByName(tenant: string | null, name: string): Promise<CharacterId[]>
  /** Newest first; `search` matches name and description, case-insensitively. */
  list(query: CharacterListQuery): Promise<Character[]>
  /** All but the stills, which stay as they are. */
  update(character: Character, audit?: AuditEntry): Promise<CharacterUpdate>
  /**
   * Reads and writes the stills of a character in one transaction that no other write of it overlaps. `change` gives null to
   * leave them as they are. Gives what the character is then, and the stills that it had; null where there is none.
   */
  changeStills(
    id: CharacterId,
    change: (character: Character) => CharacterStills | null,
    audit?: AuditEntry,
  ): Promise<{ character: Character; before: CharacterStills | null } | null>
  /** Removes the character and its bindings. */
  remove(id: CharacterId, audit?: AuditEntry): Promise<void>
  bindings(id: CharacterId): Promise<Binding[]>
  /** By upstream; upstreams without scores are not there. */
  scores(id: CharacterId): Promise<CharacterScores[]>
  /**
   * Reads, changes and writes one binding in one transaction; changes of the same binding never overlap. `change` is a
   * pure function: it gets null if there is no binding yet, and returns the same object to leave the binding as it is.
   * Rejects for a character that does not exist, unless `change` returns no binding.
   */
  changeBinding<Answer>(
    key: BindingKey,
    change: (binding: Binding | null) => { binding: Binding | null; answer: Answer },
  ): Promise<Answer>
  /** Assigns this account to all bindings on an upstream that were stored without one. */
  assumeAccount(upstream: string, account: Account): Promise<void>
  /** Pending bindings whose lease is free, longest waiting first, without those of the upstreams in `except`. */
  dueBindings(now: number, limit: number, except?: readonly string[]): Promise<BindingKey[]>
}
