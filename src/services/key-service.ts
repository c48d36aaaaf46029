import type { Client } from '../domain/client.ts'
import { keyStateOf, rotate } from '../domain/gateway-key.ts'
import type { GatewayKey, KeySecret } from '../domain/gateway-key.ts'
import { isAuditId, isKeyId } from '../domain/ids.ts'
import type { KeyId } from '../domain/ids.ts'
import { Problem } from '../domain/problem.ts'
import type { UpstreamSpec } from '../domain/upstream.ts'
import type { Clock, Ids } from '../ports/clock.ts'
import type { KeyStore } from '../ports/key-store.ts'
import { auditEntry } from './audit-entry.ts'
import type { Keyring } from './authentication.ts'
import { newAdminKey } from './first-admin.ts'
import { hashOf, hintOf, newSecret } from './key-secret.ts'
import type { IdempotencyInput } from './generations.ts'
import { secretOfCall } from './once-only.ts'
import type { OnceOnly } from './once-only.ts'
import type { KeyInput, KeyService, KeySource, KeyView } from './keys.ts'

export interface KeyServiceDeps {
  store: KeyStore
  keyring: Keyring
  /** Keys that are not made by the API, as they are now. */
  fixed: () => ReadonlyArray<{ client: Client; source: KeySource }>
  specs: () => readonly UpstreamSpec[]
  ids: Ids
  clock: Clock
  onceOnly: OnceOnly
  /** From which the secrets of keys made with an idempotency key follow. */
  master: string
}

export interface KeyAdministration extends KeyService {
  /**
   * Makes a key that administers where there is none, and answers its secret: the only time that it can be shown. Null
   * where somebody can administer already.
   */
  ensureAdmin(): Promise<string | null>
}

/** Keys that are not revoked: each one is held in memory, and all are looked at when one that administers goes. */
const mostKeys = 10_000

/** Reads every key that is not revoked once, into the keyring; what is shown and changed is read when it is asked for. */
export async function createKeyService(deps: KeyServiceDeps): Promise<KeyAdministration> {
  const { store, keyring, fixed, clock, ids, onceOnly, master } = deps
  for (const key of await store.unrevoked()) keyring.put(key)

  /** A key that the API may change. */
  async function own(id: KeyId): Promise<GatewayKey> {
    const key = await store.get(id)
    if (key !== null) return key
    if (!fixed().some(({ client }) => client.keyId === id)) throw notFound()
    throw new Problem('conflict', 'This key is set where the gateway is configured, and is changed there.')
  }

  const secretFor = (id: string, idempotency: IdempotencyInput | null): string =>
    newSecret(idempotency === null ? undefined : secretOfCall(master, id, idempotency.key))

  return {
    async ensureAdmin() {
      const made = await store.unrevoked()
      if (hasFixedAdmin(deps) || made.some((key) => administers(key, clock.now()))) return null
      const names = [...made.map(({ name }) => name), ...fixed().map(({ client }) => client.key)]
      const { key, secret } = newAdminKey(ids.key(), names, clock.now())
      const audit = auditEntry(deps, null, 'key.created', key.id, whatIsSaidOf(key))
      // Whoever has made as many keys as can be must still be let in.
      if ((await store.insert(key, audit, Infinity)) === 'name_taken') return null
      keyring.put(key)
      return secret
    },
    create: (client, input, idempotency) =>
      onceOnly.run({
        tenant: client.tenant,
        idempotency,
        newId: () => ids.key(),
        isId: isKeyId,
        async find(id) {
          const key = await store.get(id)
          return key && { key: viewOf(key, clock.now()), secret: secretFor(id, idempotency) }
        },
        async make(id) {
          const { key, secret } = await makeKey(deps, client, input, {
            id,
            secret: secretFor(id, idempotency),
          })
          keyring.put(key)
          return { key: viewOf(key, clock.now()), secret }
        },
      }),
    list: (query) => listKeys(deps, query),
    async get(id) {
      const key = await store.get(id)
      if (key !== null) return viewOf(key, clock.now())
      const configured = fixed().find(({ client }) => client.keyId === id)
      if (configured === undefined) throw notFound()
      return fixedView(configured)
    },
    rotate: (client, id, graceMs, idempotency) =>
      onceOnly.run({
        tenant: client.tenant,
        idempotency,
        // Which rotation it is: another one of the same key has another secret.
        newId: () => ids.audit(),
        isId: isAuditId,
        async find(rotation) {
          const key = await own(id)
          const secret = secretFor(rotation, idempotency)
          const isDone = key.secrets.some(({ hash }) => hash === hashOf(secret))
          return isDone ? { key: viewOf(key, clock.now()), secret } : null
        },
        async make(rotation) {
          const secret = secretFor(rotation, idempotency)
          const key = await rotateKey(deps, client, await own(id), { graceMs, secret })
          keyring.put(key)
          return { key: viewOf(key, clock.now()), secret }
        },
      }),
    async revoke(client, id) {
      const { name } = await own(id)
      const now = clock.now()
      const audit = auditEntry(deps, client, 'key.revoked', id, { name })
      const outcome = await store.revoke(
        id,
        now,
        (key, others) =>
          !administers(key, now) || hasFixedAdmin(deps) || others.some((each) => administers(each, now)),
        audit,
      )
      if (outcome.type === 'missing') throw notFound()
      if (outcome.type === 'refused')
        throw new Problem('conflict', 'This is the last key that administers; make another one first.')
      keyring.put(outcome.key)
    },
  }
}

/** Those of the store first, and behind the last of them those of the configuration. */
async function listKeys(
  { store, fixed, clock }: KeyServiceDeps,
  { before, limit }: { before: KeyId | null; limit: number },
): Promise<{ data: KeyView[]; hasMore: boolean }> {
  const configured = fixed().map(fixedView)
  const at = configured.findIndex(({ id }) => id === before)
  const made = at === -1 ? await store.list({ before, limit: limit + 1 }) : []
  const now = clock.now()
  const all = [...made.map((key) => viewOf(key, now)), ...configured.slice(at + 1)]
  return { data: all.slice(0, limit), hasMore: all.length > limit }
}

function hasFixedAdmin({ fixed }: KeyServiceDeps): boolean {
  return fixed().some(({ client }) => client.scopes.includes('admin'))
}

function administers(key: GatewayKey, now: number): boolean {
  return key.scopes.includes('admin') && keyStateOf(key, now) === 'active'
}

async function makeKey(
  deps: KeyServiceDeps,
  client: Client,
  input: KeyInput,
  { id, secret }: { id: KeyId; secret: string },
): Promise<{ key: GatewayKey; secret: string }> {
  const { store, fixed, clock } = deps
  checkNames(input, deps)
  if (fixed().some((each) => each.client.key === input.name)) throw taken(input.name)
  const now = clock.now()
  if (input.expiresAt !== null && input.expiresAt <= now) {
    throw faulty('validation_failed', '/expires_at', 'must be in the future')
  }
  const key: GatewayKey = {
    ...input,
    id,
    tenant: input.tenant ?? input.name,
    secrets: [secretOf(secret, now)],
    createdAt: now,
    revokedAt: null,
  }
  const audit = auditEntry(deps, client, 'key.created', key.id, whatIsSaidOf(key))
  const outcome = await store.insert(key, audit, mostKeys)
  if (outcome === 'name_taken') throw taken(input.name)
  if (outcome === 'too_many')
    throw new Problem(
      'conflict',
      `There are ${mostKeys} keys, which is the limit; revoke those that are not used.`,
    )
  return { key, secret }
}

async function rotateKey(
  deps: KeyServiceDeps,
  client: Client,
  { id, name, ...known }: GatewayKey,
  { graceMs, secret }: { graceMs: number; secret: string },
): Promise<GatewayKey> {
  const now = deps.clock.now()
  if (keyStateOf(known, now) !== 'active') throw over()
  const graceUntil = now + graceMs
  const audit = auditEntry(deps, client, 'key.rotated', id, { name, grace_until: graceUntil })
  const key = await deps.store.change(
    id,
    // Somebody may have revoked it meanwhile.
    (current) => (current.revokedAt === null ? rotate(current, secretOf(secret, now), graceUntil) : current),
    audit,
  )
  if (key === null) throw notFound()
  if (key.revokedAt !== null) throw over()
  return key
}

/** A name that nothing has is a slip, and would make a key that can do nothing. */
function checkNames({ allowUpstreams, allowModels }: KeyInput, { specs }: KeyServiceDeps): void {
  const known = specs()
  const upstream = allowUpstreams?.find((id) => !known.some((spec) => spec.id === id))
  if (upstream !== undefined) {
    throw faulty('validation_failed', '/upstreams', `${upstream} is no configured upstream`)
  }
  const model = allowModels?.find((name) => !known.some(({ models }) => Object.hasOwn(models, name)))
  if (model !== undefined) throw faulty('validation_failed', '/models', `${model} is served by no upstream`)
}

function secretOf(secret: string, now: number): KeySecret {
  return { hash: hashOf(secret), hint: hintOf(secret), createdAt: now, validUntil: null }
}

function whatIsSaidOf({ name, tenant, scopes, allow, allowUpstreams, allowModels, expiresAt }: GatewayKey) {
  return {
    name,
    tenant,
    scopes,
    allow: [...allow],
    upstreams: allowUpstreams && [...allowUpstreams],
    models: allowModels && [...allowModels],
    expires_at: expiresAt,
  }
}

function viewOf({ secrets, ...key }: GatewayKey, now: number): KeyView {
  return {
    ...key,
    source: 'api',
    state: keyStateOf(key, now),
    secrets: secrets
      .filter(({ validUntil }) => validUntil === null || validUntil > now)
      .map(({ hint, createdAt, validUntil }) => ({ hint, createdAt, validUntil })),
  }
}

function fixedView({ client, source }: ReturnType<KeyServiceDeps['fixed']>[number]): KeyView {
  const { keyId: id, key: name, webhookUrl: _told, ...same } = client
  const none = { createdAt: null, expiresAt: null, revokedAt: null }
  return { ...same, ...none, id, name, source, state: 'active', secrets: [] }
}

function over(): Problem {
  return new Problem('conflict', 'This key is no longer valid; make another one.')
}

function notFound(): Problem {
  const detail = 'There is no such key.'
  return new Problem('not_found', detail, { faults: [{ pointer: '#/path/id', detail }] })
}

function taken(name: string): Problem {
  return faulty('name_taken', '/name', `is that of another key: ${name}`)
}

function faulty(code: Problem['code'], pointer: string, detail: string): Problem {
  return new Problem(code, `${pointer.slice(1)} ${detail}.`, { faults: [{ pointer, detail }] })
}
