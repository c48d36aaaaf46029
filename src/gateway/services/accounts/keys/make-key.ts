import type { CallName } from '../../../domain/accounts/audit.ts'
import type { Client } from '../../../domain/accounts/client.ts'
import { keyStateOf, opens, rotate } from '../../../domain/accounts/gateway-key.ts'
import type { GatewayKey, KeySecret } from '../../../domain/accounts/gateway-key.ts'
import { isAuditId, isKeyId } from '../../../domain/ids.ts'
import type { KeyId } from '../../../domain/ids.ts'
import { Problem } from '../../../domain/problem.ts'
import type { UpstreamSpec } from '../../../domain/routing/upstream.ts'
import type { Clock, Ids } from '../../../ports/clock.ts'
import type { ReadKeyFigures } from '../../../ports/accounts/read-key-figures.ts'
import type { TenantStore } from '../../../ports/accounts/tenant-store.ts'
import type { KeyStore } from '../../../ports/accounts/key-store.ts'
import { auditEntry } from '../audit-entry.ts'
import type { Keyring } from '../authentication.ts'
import type { IdempotencyInput } from '../../generations/generations.ts'
import type { KeyUses } from '../key-uses.ts'
import { hashOf, hintOf, newSecret } from '../key-secret.ts'
import { checkSettings, faulty, noSuchKey, over, whatIsSaidOf } from './key-settings.ts'
import { createShowKey } from './show-key.ts'
import type { KeyInput, KeyService, KeySource } from '../keys.ts'
import { secretOfCall } from '../../once-only.ts'
import type { OnceOnly } from '../../once-only.ts'

export interface KeyServiceDeps {
  store: KeyStore
  keyring: Keyring
  /** Keys that are not made by the API, as they are now. */
  fixed: () => ReadonlyArray<{ client: Client; source: KeySource }>
  figures: ReadKeyFigures
  tenants: Pick<TenantStore, 'get'>
  uses: Pick<KeyUses, 'lastUse'>
  specs: () => readonly UpstreamSpec[]
  ids: Ids
  clock: Clock
  onceOnly: OnceOnly
  /** From which the secrets of keys made with an idempotency key follow. */
  master: string
}

/** Keys that are not revoked: each one is held in memory, and all are looked at when one that administers goes. */
const mostKeys = 10_000

/** The two calls that make a secret; `own` finds a key that the API may change. */
export function createKeyMaking(
  deps: KeyServiceDeps,
  own: (id: KeyId) => Promise<GatewayKey>,
): Pick<KeyService, 'create' | 'rotate'> {
  const { store, keyring, clock, ids, onceOnly, master } = deps
  const secretFor = (id: string, idempotency: IdempotencyInput | null): string =>
    newSecret(idempotency === null ? undefined : secretOfCall(master, id, idempotency.key))
  const show = createShowKey(deps)
  const shown = async (key: GatewayKey, secret: string) => ({ key: await show.made(key), secret })
  /** Null if a later rotation or its expiry ended the secret: it is not shown and does not become valid again. */
  const stillShown = async (key: GatewayKey, secret: string) =>
    key.secrets.some((each) => each.hash === hashOf(secret) && opens(key, each, clock.now()))
      ? shown(key, secret)
      : null

  return {
    create: (client, input, idempotency) =>
      onceOnly.run({
        tenant: client.tenant,
        idempotency,
        newId: () => ids.key(),
        isId: isKeyId,
        async find(id) {
          const key = await store.get(id)
          return key && stillShown(key, secretFor(id, idempotency))
        },
        async make(id, call) {
          const secret = secretFor(id, idempotency)
          const key = await makeKey(deps, client, input, { id, secret, call })
          keyring.put(key)
          return shown(key, secret)
        },
      }),
    rotate: (client, id, graceMs, idempotency) =>
      onceOnly.run({
        tenant: client.tenant,
        idempotency,
        // Which rotation it is: another one of the same key has another secret.
        newId: () => ids.audit(),
        isId: isAuditId,
        async find(rotation) {
          return stillShown(await own(id), secretFor(rotation, idempotency))
        },
        async make(rotation, call) {
          const secret = secretFor(rotation, idempotency)
          const key = await rotateKey(deps, client, await own(id), { graceMs, secret, call })
          keyring.put(key)
          return shown(key, secret)
        },
      }),
  }
}

/** And the call under an idempotency key that makes it. */
interface MadeSecret {
  secret: string
  call: CallName | undefined
}

async function makeKey(
  deps: KeyServiceDeps,
  client: Client,
  input: KeyInput,
  { id, secret, call }: { id: KeyId } & MadeSecret,
): Promise<GatewayKey> {
  const { store, fixed, clock } = deps
  checkSettings(input, deps)
  if (fixed().some((each) => each.client.key === input.name)) throw taken(input.name)
  const now = clock.now()
  const key: GatewayKey = {
    ...input,
    id,
    tenant: input.tenant ?? input.name,
    secrets: [secretOf(secret, now)],
    createdAt: now,
    revokedAt: null,
  }
  const audit = {
    ...auditEntry(deps, { actor: client, action: 'key.created', subject: key.id, data: whatIsSaidOf(key) }),
    call,
  }
  const outcome = await store.insert(key, audit, mostKeys)
  if (outcome === 'name_taken') throw taken(input.name)
  if (outcome === 'too_many')
    throw new Problem('conflict', `The limit of ${mostKeys} keys is reached. Revoke keys that are not used.`)
  return key
}

async function rotateKey(
  deps: KeyServiceDeps,
  client: Client,
  { id, name, ...known }: GatewayKey,
  { graceMs, secret, call }: { graceMs: number } & MadeSecret,
): Promise<GatewayKey> {
  const now = deps.clock.now()
  if (keyStateOf(known, now) !== 'active') throw over()
  const graceUntil = now + graceMs
  const audit = {
    ...auditEntry(deps, {
      actor: client,
      action: 'key.rotated',
      subject: id,
      data: { name, grace_until: graceUntil },
    }),
    call,
  }
  const key = await deps.store.change(
    id,
    // Somebody may have revoked it meanwhile.
    (current) => (current.revokedAt === null ? rotate(current, secretOf(secret, now), graceUntil) : current),
    audit,
  )
  if (key === null) throw noSuchKey()
  if (key.revokedAt !== null) throw over()
  return key
}

function secretOf(secret: string, now: number): KeySecret {
  return { hash: hashOf(secret), hint: hintOf(secret), createdAt: now, validUntil: null }
}

function taken(name: string): Problem {
  return faulty('name_taken', '/name', `is already used by the key ${name}`)
}
