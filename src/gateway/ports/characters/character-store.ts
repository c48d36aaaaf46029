import type { AuditEntry } from '../../domain/accounts/audit.ts'
import type { Account } from '../../domain/attempts/account.ts'
import type { Binding } from '../../domain/characters/binding.ts'
import type { Character } from '../../domain/characters/character.ts'
import type { CharacterId } from '../../domain/ids.ts'

export interface CharacterListQuery {
  tenant: string
  search: string | null
  /** Only those older than this id. */
  before: CharacterId | null
  limit: number
}

export type BindingKey = Pick<Binding, 'characterId' | 'upstream'>

export type CharacterUpdate = 'updated' | 'name_taken' | 'missing'

/** The character registry and its bindings. Every write is durable when its promise resolves, with its audit entry. */
export interface CharacterStore {
  insert(character: Character, audit?: AuditEntry): Promise<'inserted' | 'name_taken'>
  get(id: CharacterId): Promise<Character | null>
  getByName(tenant: string, name: string): Promise<Character | null>
  /** Newest first; `search` matches name and description, case-insensitively. */
  list(query: CharacterListQuery): Promise<Character[]>
  update(character: Character, audit?: AuditEntry): Promise<CharacterUpdate>
  /** Removes the character and its bindings. */
  remove(id: CharacterId, audit?: AuditEntry): Promise<void>
  bindings(id: CharacterId): Promise<Binding[]>
  /**
   * Reads, changes and writes one binding in one transaction that no other change of it overlaps. `change` is a pure rule:
   * it gets null where there is no binding yet, and gives back the very same binding to leave it as it is. Rejects for a
   * character that does not exist, unless `change` leaves it without a binding.
   */
  changeBinding<Answer>(
    key: BindingKey,
    change: (binding: Binding | null) => { binding: Binding | null; answer: Answer },
  ): Promise<Answer>
  /** Bindings on an upstream of which nobody kept where they were made are of this account from now on. */
  assumeAccount(upstream: string, account: Account): Promise<void>
  /** Pending bindings that are in nobody's hands any more by then, longest waiting first; none of the upstreams in `except`. */
  dueBindings(now: number, limit: number, except?: readonly string[]): Promise<BindingKey[]>
}
