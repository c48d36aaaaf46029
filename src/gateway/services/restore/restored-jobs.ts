import type { Generation } from '../../domain/generation/generation.ts'
import type { Candidate } from '../../domain/generation/plan.ts'
import { clockSkewMs, jobsFound, mayBeMadeOf } from '../../domain/restore/restored-job.ts'
import type { Clock } from '../../ports/clock.ts'
import type { GenerationLedger } from '../../ports/generations/generation-ledger.ts'
import type { Logger } from '../../ports/logger.ts'
import type { ListedJob, UpstreamDirectory } from '../../ports/upstream.ts'
import type { HoldStore, UpstreamSearch } from '../../ports/operations/hold-store.ts'
import type { Hold } from './hold.ts'

/** What upstreams made since a copy was taken, as far as they list it: somebody else sent it. */
export interface RestoredJobs {
  /** Searches what has not been searched, or could not be; nothing while nothing is held. */
  round(): Promise<number>
  /** Searches every upstream now, and answers as `list`. */
  search(): Promise<UpstreamSearch[]>
  list(): Promise<UpstreamSearch[]>
  /** Adds a job that the upstream told of by itself, as by a webhook; nothing while nothing is held. */
  add(upstream: string, jobId: string): Promise<void>
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
  holds: Pick<HoldStore, 'searches' | 'keepSearch'>
  directory: UpstreamDirectory
  store: GenerationLedger
  clock: Clock
  logger: Logger
}): RestoredJobs {
  const { hold, directory, store, clock, logger } = deps
  const { foundSoFar, note } = createKeptSearches(deps)

  async function searchOne(upstream: string, since: number): Promise<void> {
    const outcome = await directory.get(upstream)?.listRecent(since - clockSkewMs)
    if (outcome === undefined) return
    const jobs = (await foundSoFar()).get(upstream)?.jobs ?? []
    const about = { upstream, searchedAt: clock.now(), message: null, jobs }
    if (outcome.type === 'unsupported') await note({ ...about, state: 'no_list' })
    else if (outcome.type === 'unreachable')
      await note({ ...about, state: 'unreachable', message: outcome.message })
    else await note({ ...about, state: 'searched', jobs: jobsFound(outcome.jobs, jobs).slice(0, mostJobs) })
    if (outcome.type === 'unreachable')
      logger.warn({ upstream }, 'failed to list jobs created since the backup: see GET /operations/restore')
  }

  async function unowned(search: UpstreamSearch): Promise<UpstreamSearch> {
    const jobs: ListedJob[] = []
    for (const job of search.jobs) if (!(await store.ownsJob(search.upstream, job.upstreamId))) jobs.push(job)
    return { ...search, jobs }
  }

  async function list(): Promise<UpstreamSearch[]> {
    const found = await foundSoFar()
    return Promise.all(
      directory.all().map(({ spec: { id: upstream } }) => {
        return unowned(found.get(upstream) ?? pendingOf(upstream))
      }),
    )
  }

  return {
    list,
    async round() {
      const since = hold.since()
      if (since === null) return 0
      const found = await foundSoFar()
      const open = directory.all().filter(({ spec }) => isOpen(found.get(spec.id), clock.now()))
      await Promise.all(open.map(({ spec }) => searchOne(spec.id, since)))
      return open.length
    },
    async search() {
      const since = hold.since()
      if (since !== null) await Promise.all(directory.all().map(({ spec }) => searchOne(spec.id, since)))
      return list()
    },
    async add(upstream, jobId) {
      if (hold.since() === null) return
      const kept = (await foundSoFar()).get(upstream) ?? pendingOf(upstream)
      if (kept.jobs.length >= mostJobs || kept.jobs.some(({ upstreamId }) => upstreamId === jobId)) return
      const job = { upstreamId: jobId, operation: null, model: null, prompt: null, createdAt: null }
      await note({ ...kept, jobs: [...kept.jobs, job] })
    },
    async madeOf(generation, candidates) {
      const about = { prompt: generation.request.prompt, createdAt: generation.createdAt }
      const found = await foundSoFar()
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

/** What upstreams said, in memory and in the database. */
function createKeptSearches({
  holds,
  logger,
}: {
  holds: Pick<HoldStore, 'searches' | 'keepSearch'>
  logger: Logger
}) {
  let loading: Promise<Map<string, UpstreamSearch>> | undefined

  /** What was found, also by an earlier process. */
  async function foundSoFar(): Promise<Map<string, UpstreamSearch>> {
    loading ??= holds.searches().then((all) => new Map(all.map((each) => [each.upstream, each])))
    try {
      return await loading
    } catch (error) {
      loading = undefined
      throw error
    }
  }

  async function note(search: UpstreamSearch): Promise<void> {
    const found = await foundSoFar()
    found.set(search.upstream, search)
    // It is found again after the next start where it cannot be kept now.
    await holds.keepSearch(search).catch((error: unknown) => {
      logger.warn({ err: error, upstream: search.upstream }, 'failed to store jobs created since the backup')
    })
  }

  return { foundSoFar, note }
}

function pendingOf(upstream: string): UpstreamSearch {
  return { upstream, state: 'pending', searchedAt: null, message: null, jobs: [] }
}

function isOpen(search: UpstreamSearch | undefined, now: number): boolean {
  if (search === undefined || search.state === 'pending') return true
  return search.state === 'unreachable' && now - (search.searchedAt ?? 0) >= againAfterMs
}
