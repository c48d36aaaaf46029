import type { AuditEntry } from '../domain/audit.ts'
import type { Binding, Character } from '../domain/character.ts'
import type { CharacterId } from '../domain/ids.ts'
import type { Json } from '../domain/json.ts'

export interface CharacterListQuery {
  tenant: string
  search: string | null
  /** Only those older than this id. */
  before: CharacterId | null
  limit: number
}

/**
 * `claimed`: this owner may create it on the upstream now, until `leaseUntil`; `ready`; `busy`: someone else is creating it
 * and will be done or expired by `until`; `failed`: an earlier creation was definitely refused or invalid.
 */
export type BindingClaim =
  | { type: 'claimed' }
  | { type: 'ready'; binding: Binding }
  | { type: 'busy'; until: number }
  | { type: 'failed'; binding: Binding }

/** The character registry and its bindings. Every write is durable when its promise resolves, with its audit entry. */
export interface CharacterStore {
  insert(character: Character, audit?: AuditEntry): Promise<'inserted' | 'name_taken'>
  get(id: CharacterId): Promise<Character | null>
  getByName(tenant: string, name: string): Promise<Character | null>
  /** Newest first; `search` matches name and description, case-insensitively. */
  list(query: CharacterListQuery): Promise<Character[]>
  update(character: Character, audit?: AuditEntry): Promise<'updated' | 'name_taken' | 'missing'>
  /** Removes the character and its bindings. */
  remove(id: CharacterId, audit?: AuditEntry): Promise<void>
  bindings(id: CharacterId): Promise<Binding[]>
  /** Takes the right to create a binding. A pending one whose lease has expired, and a revoked one, can be claimed. */
  claimBinding(claim: {
    characterId: CharacterId
    upstream: string
    owner: string
    now: number
    leaseUntil: number
  }): Promise<BindingClaim>
  /** Settles a claimed binding; false when the lease was no longer this owner's. */
  settleBinding(settle: {
    characterId: CharacterId
    upstream: string
    owner: string
    now: number
    result:
      | { state: 'ready'; handle: string; operation: Json }
      | { state: 'failed'; failure: string }
      | { state: 'released' }
  }): Promise<boolean>
  /** Frees every pending binding; only for an engine that no other process shares, at start. */
  releaseAll(): Promise<void>
  /** Marks a ready binding as revoked, if its handle is still this one. */
  revokeBinding(characterId: CharacterId, upstream: string, handle: string, now: number): Promise<void>
}
