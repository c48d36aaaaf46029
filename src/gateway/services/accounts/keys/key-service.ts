import { keyStateOf, withSettings } from '../../../domain/accounts/gateway-key.ts'
import type { GatewayKey, KeySettings } from '../../../domain/accounts/gateway-key.ts'
import type { Client } from '../../../domain/accounts/client.ts'
import type { KeyId } from '../../../domain/ids.ts'
import { Problem } from '../../../domain/problem.ts'
import { auditEntry } from '../audit-entry.ts'
import { newAdminKey } from './first-admin.ts'
import type { KeyService, KeyView } from '../keys.ts'
import { readUnchanged } from '../../fleet/read-unchanged.ts'
import { checkSettings, noSuchKey, over, whatChanged, whatIsSaidOf } from './key-settings.ts'
import { createKeyMaking } from './make-key.ts'
import type { KeyServiceDeps } from './make-key.ts'
import { createShowKey } from './show-key.ts'

export interface KeyAdministration extends KeyService {
  /**
   * Creates a key with the scope `admin` if there is none, and returns its secret, which cannot be shown again. Null if one
   * exists.
   */
  ensureAdmin(): Promise<string | null>
  /** Reads what other nodes stored. */
  readAgain(this: void): Promise<void>
}

/** Reads every key that is not revoked once, into the keyring; what is shown and changed is read when it is asked for. */
export async function createKeyService(deps: KeyServiceDeps): Promise<KeyAdministration> {
  const { store, keyring, fixed, clock, ids } = deps
  keyring.replaceMade(await store.unrevoked())

  /** A key that the API may change. */
  async function own(id: KeyId): Promise<GatewayKey> {
    const key = await store.get(id)
    if (key !== null) return key
    if (!fixed().some(({ client }) => client.keyId === id)) throw noSuchKey()
    throw new Problem(
      'conflict',
      'This key is set in the configuration. Change it in the configuration file and reload it.',
    )
  }

  const making = createKeyMaking(deps, own)
  const show = createShowKey(deps)

  return {
    async ensureAdmin() {
      const made = await store.unrevoked()
      if (hasFixedAdmin(deps) || made.some((key) => administers(key, clock.now()))) return null
      const names = [...made.map(({ name }) => name), ...fixed().map(({ client }) => client.key)]
      const { key, secret } = newAdminKey(ids.key(), names, clock.now())
      const audit = auditEntry(deps, {
        actor: null,
        action: 'key.created',
        subject: key.id,
        data: whatIsSaidOf(key),
      })
      // The limit of keys does not apply: there must always be a key that can administer.
      if ((await store.insert(key, audit, Infinity)) === 'name_taken') return null
      keyring.put(key)
      return secret
    },
    async readAgain() {
      keyring.replaceMade(await readUnchanged(keyring.putCount, () => store.unrevoked()))
    },
    create: making.create,
    list: (query) => listKeys(deps, query),
    async get(id) {
      const key = await store.get(id)
      if (key !== null) return show.made(key)
      const configured = fixed().find(({ client }) => client.keyId === id)
      if (configured === undefined) throw noSuchKey()
      return show.fixed(configured)
    },
    rotate: making.rotate,
    async update(client, id, change) {
      await own(id)
      checkSettings(change, deps)
      const key = await updateKey(deps, client, id, change)
      keyring.put(key)
      return show.made(key)
    },
    async revoke(client, id) {
      const { name } = await own(id)
      const now = clock.now()
      const audit = auditEntry(deps, { actor: client, action: 'key.revoked', subject: id, data: { name } })
      const outcome = await store.revoke(
        id,
        now,
        (key, others) => !administers(key, now) || hasOtherAdmin(deps, others, now),
        audit,
      )
      if (outcome.type === 'missing') throw noSuchKey()
      if (outcome.type === 'refused') throw lastAdmin()
      keyring.put(outcome.key)
    },
  }
}

/** Those of the store first, and behind the last of them those of the configuration. */
async function listKeys(
  deps: KeyServiceDeps,
  { before, limit }: { before: KeyId | null; limit: number },
): Promise<{ data: KeyView[]; hasMore: boolean }> {
  const { store } = deps
  const show = createShowKey(deps)
  const configured = deps.fixed()
  const at = configured.findIndex(({ client }) => client.keyId === before)
  const made = at === -1 ? await store.list({ before, limit: limit + 1 }) : []
  const all = [
    ...made.map((key) => () => show.made(key)),
    ...configured.slice(at + 1).map((each) => () => show.fixed(each)),
  ]
  const data: KeyView[] = []
  for (const view of all.slice(0, limit)) data.push(await view())
  return { data, hasMore: all.length > limit }
}

async function updateKey(
  deps: KeyServiceDeps,
  actor: Client,
  id: KeyId,
  change: Partial<KeySettings>,
): Promise<GatewayKey> {
  const now = deps.clock.now()
  const outcome = await deps.store.update(
    id,
    async (before, others) => {
      // An end that is reached stays one: unsent work of the key was ended by it.
      if (keyStateOf(before, now) !== 'active') throw over()
      const after = withSettings(before, change)
      if (administers(after, now) || !administers(before, now)) return after
      return hasOtherAdmin(deps, await others(), now) ? after : null
    },
    (before, after) =>
      auditEntry(deps, { actor, action: 'key.updated', subject: id, data: whatChanged(before, after) }),
  )
  if (outcome.type === 'missing') throw noSuchKey()
  if (outcome.type === 'refused') throw lastAdmin()
  return outcome.key
}

function hasOtherAdmin(deps: KeyServiceDeps, others: readonly GatewayKey[], now: number): boolean {
  return hasFixedAdmin(deps) || others.some((each) => administers(each, now))
}

function lastAdmin(): Problem {
  return new Problem('conflict', 'This is the last key with the scope admin. Create another one first.')
}

function hasFixedAdmin({ fixed }: KeyServiceDeps): boolean {
  return fixed().some(({ client }) => client.scopes.includes('admin'))
}

function administers(key: GatewayKey, now: number): boolean {
  return key.scopes.includes('admin') && keyStateOf(key, now) === 'active'
}
