import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { isSameAccount } from '../domain/attempts/account.ts'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import type { RemoteMedia } from '../ports/media/remote-media.ts'
import type { Upstream, UpstreamDirectory } from '../ports/upstream.ts'
import { createAccountOf } from './account-of.ts'
import { dialectOf } from './dialects.ts'
import { guardUpstream } from './breakers/guarded-upstream.ts'
import type { GuardedUpstream } from './breakers/guarded-upstream.ts'
import { createHttpUpstream } from './calls/http-upstream.ts'
import { openTransport } from './open-transport.ts'
import type { UpstreamSettings } from './settings.ts'
import { createResolver } from './transport/guard/resolver.ts'
import type { Resolver } from './transport/guard/resolver.ts'
import type { Transport } from './transport/transport.ts'

export interface DirectoryDeps {
  /** The guarded fetch, for addresses outside an upstream's own origin. */
  remoteMedia: RemoteMedia
  /** For the names of base URLs. Absent: one of its own. */
  resolver?: Resolver
  logger: Logger
  clock: Clock
  /** Hashes the credentials of accounts. Absent: one that ends with this process. */
  accountSecret?: string
  /** How long jobs are asked about after their upstream was pointed elsewhere, in milliseconds. Absent: not at all. */
  watchMs?: () => number
}

export interface ReloadableDirectory extends UpstreamDirectory {
  /**
   * From now on these are the upstreams. One whose settings are the same keeps its connections and breakers; what is under
   * way at one that changed or went ends as it began, and jobs that another account took are asked about there. Throws a sentence for an unknown dialect or profile, and then changes
   * nothing.
   */
  reload(settings: UpstreamSettings[]): void
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
/** Timers count no further. */
const longestTimerMs = 2 ** 31 - 1
/** Of one upstream; a bound for who points it elsewhere all the time. */
const mostEarlier = 20

/**
 * All configured upstreams, each with its own connections and breakers. Throws a sentence for an unknown dialect or profile.
 * `close` ends what is still under way, so stop whoever calls the upstreams first.
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

  /** Parses the dialect at once and connects nothing. */
  function planned(each: UpstreamSettings): { open: () => Entry } {
    const dialect = dialectOf(each)
    return { open: () => entryOf(each, dialect, deps) }
  }

  function forget(entry: Entry): void {
    clearTimeout(retiring.get(entry))
    retiring.delete(entry)
    // Nothing can fail here that anybody could act upon: nobody uses these connections any more.
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
  { remoteMedia, resolver, logger, clock, accountOf }: EntryDeps,
): Entry {
  const transport = openTransport(settings, dialect, { remoteMedia, resolver, clock })
  const bare = createHttpUpstream(settings, { dialect, transport, clock, logger })
  const guarded = guardUpstream(bare, settings, { clock, logger })
  return { settings, transport, upstream: { ...guarded, account: accountOf(settings) } }
}

async function closeEntry({ upstream, transport }: Entry): Promise<void> {
  upstream.close()
  await transport.close()
}

/** The same upstream under another set of settings, which can answer for the jobs of the one before. */
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
