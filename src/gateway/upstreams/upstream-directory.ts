import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { isSameAccount } from '../domain/attempts/account.ts'
import type { Operation } from '../domain/routing/upstream.ts'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import type { RemoteMedia } from '../ports/media/remote-media.ts'
import type { Upstream, UpstreamDirectory } from '../ports/upstream.ts'
import type { SharedBreakers } from '../ports/operations/shared-breakers.ts'
import { createAccountOf } from './account-of.ts'
import { dialectOf } from './dialects.ts'
import { guardUpstream } from './breakers/guarded-upstream.ts'
import type { GuardedUpstream } from './breakers/guarded-upstream.ts'
import { createHttpUpstream } from './calls/http-upstream.ts'
import { openTransport } from './open-transport.ts'
import type { UpstreamSettings } from './settings.ts'
import { createResolver } from './transport/guard/resolver.ts'
import type { OutsideSend } from './transport/guard/outside-send.ts'
import type { Resolver } from './transport/guard/resolver.ts'
import type { Transport } from './transport/transport.ts'

export interface DirectoryDeps {
  /** The guarded fetch, for URLs outside of an upstream's own origin. */
  remoteMedia: RemoteMedia
  /** For uploads to addresses that a response names. Absent: nothing is sent there. */
  outside?: OutsideSend
  /** Resolves the names of base URLs. Absent: the directory creates its own. */
  resolver?: Resolver
  logger: Logger
  clock: Clock
  /** The secret for hashing the credentials of accounts. Absent: a random one for this process. */
  accountSecret?: string
  /** How long jobs are polled after their upstream's base URL or account was changed, in milliseconds. Absent: not at all. */
  watchMs?: () => number
  /** The headers that name the trace of the request that is being made. Absent: there are no traces. */
  traceHeaders?: (() => Record<string, string>) | undefined
  /** A closed breaker opened. */
  onBreakerOpen?: (upstream: string, operation: Operation) => void
  /** Absent for a process that owns its database. */
  shared?: SharedBreakers | undefined
}

export interface ReloadableDirectory extends UpstreamDirectory {
  /**
   * Replaces the upstreams. One with unchanged settings keeps its connections and breakers. Running calls of a changed
   * or removed upstream end as they began, and jobs of an earlier account are still polled there. Throws an error with
   * a readable message for an unknown dialect or profile; nothing is changed then.
   */
  reload(settings: UpstreamSettings[]): void
  /** Does with the breakers what other nodes did. */
  followBreakers(this: void): Promise<void>
}

type EntryDeps = Omit<DirectoryDeps, 'resolver' | 'accountSecret' | 'watchMs'> & {
  resolver: Resolver
  accountOf: ReturnType<typeof createAccountOf>
}

interface Entry {
  settings: UpstreamSettings
  transport: Transport
  upstream: GuardedUpstream & Upstream
}

/** Longer than the longest call, a download. */
const retireAfterMs = 20 * 60_000
/** The longest delay of a timer in Node. */
const longestTimerMs = 2 ** 31 - 1
/** Per upstream. A limit in case its settings change all the time. */
const mostEarlier = 20

/**
 * All configured upstreams, each with its own connections and breakers. Throws an error with a readable message for an
 * unknown dialect or profile. `close` aborts running calls, so stop the callers first.
 */
export function createUpstreamDirectory(
  settings: UpstreamSettings[],
  {
    resolver = createResolver({ asksSystem: true }),
    accountSecret = randomBytes(32).toString('base64url'),
    watchMs = () => 0,
    ...others
  }: DirectoryDeps,
): ReloadableDirectory {
  const deps = { ...others, resolver, accountOf: createAccountOf(accountSecret) }
  const retiring = new Map<Entry, NodeJS.Timeout>()
  let entries = settings.map(planned).map(({ open }) => open())
  let byId = indexed(entries)

  /** Parses the dialect immediately, but opens no connections. */
  function planned(each: UpstreamSettings): { open: () => Entry } {
    const dialect = dialectOf(each)
    return { open: () => entryOf(each, dialect, deps) }
  }

  function forget(entry: Entry): void {
    clearTimeout(retiring.get(entry))
    retiring.delete(entry)
    // An error here needs no action: these connections are no longer used.
    closeEntry(entry).catch(() => undefined)
  }

  function retire(entry: Entry): void {
    const isMoved = !entries.some((each) => isSuccessor(each, entry))
    const keptMs = isMoved ? retireAfterMs + watchMs() : retireAfterMs
    const timer = setTimeout(() => forget(entry), Math.min(keptMs, longestTimerMs))
    retiring.set(entry, timer.unref())
    const earlier = [...retiring.keys()].filter(({ upstream }) => upstream.spec.id === entry.upstream.spec.id)
    for (const each of earlier.slice(0, -mostEarlier)) forget(each)
  }

  return {
    get: (id) => byId.get(id)?.upstream,
    holderOf(id, account) {
      const holders = [...[...retiring.keys()].toReversed(), ...entries].filter(({ upstream }) =>
        isSameAccount(upstream.account, account),
      )
      const own = holders.find(({ upstream }) => upstream.spec.id === id)
      const dialect = (own ?? byId.get(id))?.settings
      return (own ?? holders.find(({ settings: each }) => speaksAs(each, dialect)))?.upstream
    },
    all: () => entries.map(({ upstream }) => upstream),
    reload(next) {
      const plans = next.map((each) => {
        const kept = byId.get(each.spec.id)
        return isDeepStrictEqual(kept?.settings, each) && kept !== undefined
          ? { open: () => kept }
          : planned(each)
      })
      const before = entries
      entries = plans.map(({ open }) => open())
      byId = indexed(entries)
      for (const entry of before) if (!entries.includes(entry)) retire(entry)
    },
    async followBreakers() {
      for (const circuit of (await others.shared?.all()) ?? [])
        byId.get(circuit.upstream)?.upstream.follow(circuit)
    },
    async close() {
      for (const timer of retiring.values()) clearTimeout(timer)
      resolver.close()
      await Promise.all([...entries, ...retiring.keys()].map(closeEntry))
    },
  }
}

function entryOf(
  settings: UpstreamSettings,
  dialect: ReturnType<typeof dialectOf>,
  {
    remoteMedia,
    outside,
    resolver,
    logger,
    clock,
    accountOf,
    traceHeaders,
    onBreakerOpen,
    shared,
  }: EntryDeps,
): Entry {
  const transport = openTransport(settings, dialect, { remoteMedia, resolver, clock, traceHeaders })
  const bare = createHttpUpstream(settings, {
    dialect,
    transport,
    ...(outside !== undefined && { outside }),
    clock,
    logger,
  })
  const guarded = guardUpstream(bare, settings, { clock, logger, onBreakerOpen, shared })
  return { settings, transport, upstream: { ...guarded, account: accountOf(settings) } }
}

async function closeEntry({ upstream, transport }: Entry): Promise<void> {
  upstream.close()
  await transport.close()
}

/** Whether an entry is the same upstream with other settings that can still poll the earlier one's jobs. */
function isSuccessor({ upstream }: Entry, before: Entry): boolean {
  const { spec, account } = before.upstream
  return upstream.spec.id === spec.id && isSameAccount(upstream.account, account)
}

function speaksAs(one: UpstreamSettings, other: UpstreamSettings | undefined): boolean {
  return (
    one.spec.dialect === other?.spec.dialect &&
    one.profile === other.profile &&
    isDeepStrictEqual(one.description, other.description)
  )
}

function indexed(entries: Entry[]): Map<string, Entry> {
  return new Map(entries.map((entry) => [entry.upstream.spec.id, entry]))
}
