import type { Generation } from '../../domain/generation/generation.ts'
import type { Candidate } from '../../domain/generation/plan.ts'
import { clockSkewMs, mayBeMadeOf } from '../../domain/generation/restored-job.ts'
import type { Clock } from '../../ports/clock.ts'
import type { GenerationStore } from '../../ports/generations/generation-store.ts'
import type { Logger } from '../../ports/logger.ts'
import type { ListedJob, UpstreamDirectory } from '../../ports/upstream.ts'
import type { Hold } from './hold.ts'

/** `no_list`: nobody can tell what it made since the copy but a person who looks at its bill. */
export const searchStates = ['pending', 'searched', 'no_list', 'unreachable'] as const
export type SearchState = (typeof searchStates)[number]

export interface UpstreamSearch {
  upstream: string
  state: SearchState
  /** Ms since the epoch; null before the first one. */
  searchedAt: number | null
  message: string | null
  /** Those that no attempt here owns. */
  jobs: ListedJob[]
}

/** What upstreams made since a copy was taken, as far as they list it: somebody else sent it. */
export interface RestoredJobs {
  /** Searches what has not been searched, or could not be; nothing while nothing is held. */
  round(): Promise<number>
  /** Searches every upstream now, and answers as `list`. */
  search(): Promise<UpstreamSearch[]>
  list(): Promise<UpstreamSearch[]>
  /** A job that may have been made of this generation, which has not been sent; null where none is known. */
  madeOf(
    generation: Generation,
    candidates: readonly Candidate[],
  ): Promise<{ candidate: Candidate; job: ListedJob } | null>
}

const againAfterMs = 30_000
/** Of one upstream; a list is read no further either. */
const mostJobs = 1000

export function createRestoredJobs(deps: {
  hold: Pick<Hold, 'since'>
  directory: UpstreamDirectory
  store: GenerationStore
  clock: Clock
  logger: Logger
}): RestoredJobs {
  const { hold, directory, store, clock, logger } = deps
  const found = new Map<string, UpstreamSearch>()

  async function searchOne(upstream: string, since: number): Promise<void> {
    const outcome = await directory.get(upstream)?.listRecent(since - clockSkewMs)
    if (outcome === undefined) return
    const about = { upstream, searchedAt: clock.now(), message: null, jobs: found.get(upstream)?.jobs ?? [] }
    if (outcome.type === 'unsupported') found.set(upstream, { ...about, state: 'no_list' })
    else if (outcome.type === 'unreachable')
      found.set(upstream, { ...about, state: 'unreachable', message: outcome.message })
    else found.set(upstream, { ...about, state: 'searched', jobs: outcome.jobs.slice(0, mostJobs) })
    if (outcome.type === 'unreachable')
      logger.warn({ upstream, reason: outcome.message }, 'jobs made since the backup could not be listed')
  }

  async function unowned(search: UpstreamSearch): Promise<UpstreamSearch> {
    const jobs: ListedJob[] = []
    for (const job of search.jobs) if (!(await store.ownsJob(search.upstream, job.upstreamId))) jobs.push(job)
    return { ...search, jobs }
  }

  const list = (): Promise<UpstreamSearch[]> =>
    Promise.all(
      directory.all().map(({ spec: { id: upstream } }) => {
        const pending = { upstream, state: 'pending' as const, searchedAt: null, message: null, jobs: [] }
        return unowned(found.get(upstream) ?? pending)
      }),
    )

  return {
    list,
    async round() {
      const since = hold.since()
      if (since === null) return 0
      const open = directory.all().filter(({ spec }) => isOpen(found.get(spec.id), clock.now()))
      await Promise.all(open.map(({ spec }) => searchOne(spec.id, since)))
      return open.length
    },
    async search() {
      const since = hold.since()
      if (since !== null) await Promise.all(directory.all().map(({ spec }) => searchOne(spec.id, since)))
      return list()
    },
    async madeOf(generation, candidates) {
      const about = { prompt: generation.request.prompt, createdAt: generation.createdAt }
      for (const candidate of candidates)
        for (const job of found.get(candidate.upstream)?.jobs ?? [])
          if (
            mayBeMadeOf(job, about, candidate) &&
            !(await store.ownsJob(candidate.upstream, job.upstreamId))
          )
            return { candidate, job }
      return null
    },
  }
}

function isOpen(search: UpstreamSearch | undefined, now: number): boolean {
  if (search === undefined) return true
  return search.state === 'unreachable' && now - (search.searchedAt ?? 0) >= againAfterMs
}
