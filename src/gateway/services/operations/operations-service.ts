import { Problem } from '../../domain/problem.ts'
import type { Clock } from '../../ports/clock.ts'
import type { GenerationQueue } from '../../ports/generations/generation-queue.ts'
import type { MediaArchive } from '../../ports/media/media-archive.ts'
import type { MediaLinks } from '../../ports/media/media-links.ts'
import type { Hold } from '../restore/hold.ts'
import type { OperationsService, ReadinessReport } from './operations.ts'
import type { MissingMediaCheck } from '../restore/missing-media.ts'
import type { RestoredJobs } from '../restore/restored-jobs.ts'
import type { UpstreamGate } from '../advance/upstream-gate.ts'

type Check = ReadinessReport['checks'][number]

export function createOperationsService(deps: {
  gate: UpstreamGate
  store: GenerationQueue
  archive: MediaArchive
  links: MediaLinks
  clock: Clock
  hold: Hold
  restoredJobs: RestoredJobs
  missingMedia: MissingMediaCheck
  /** Takes up at once what was held. */
  onWork: () => void
  /** Whether the workers of this process took a turn lately, and how long due work waits; null where it runs none. */
  workers: { alive(): boolean; overdueMs(): Promise<number>; mostOverdueMs: number } | null
}): OperationsService {
  const { gate, store, archive, links, clock, workers, hold } = deps

  return {
    upstreams: () => Promise.resolve(gate.views()),
    async readiness() {
      const checks = await Promise.all([
        check('storage', () => store.nextDueAt().then(() => null)),
        check('media', async () =>
          (await archive.writable())
            ? null
            : 'The archive is not writable. Check the disk and its permissions.',
        ),
        check('workers', async () => {
          if (workers === null) return null
          if (!workers.alive())
            return 'No worker has run recently. Check that a process with the role worker is running.'
          const overdueMs = await workers.overdueMs()
          return overdueMs > workers.mostOverdueMs
            ? `The oldest due work has waited for ${Math.round(overdueMs / 1000)} s.`
            : null
        }),
        check('upstreams', () => {
          const open = gate.views().some(({ breakers }) => breakers.create.state !== 'open')
          return Promise.resolve(open ? null : 'The create breaker of every upstream is open.')
        }),
      ])
      const since = hold.since()
      // Work is taken and stored, so this is no reason to send callers elsewhere.
      if (since !== null) checks.push({ name: 'restore', ok: true, detail: heldSince(since) })
      return { ready: checks.every(({ ok }) => ok), checks }
    },
    async restore() {
      const searches = await deps.restoredJobs.list()
      return { heldSince: hold.since(), searches, missing: deps.missingMedia.report() }
    },
    async release(client, unsearched) {
      const searches = hold.since() === null || unsearched ? [] : await deps.restoredJobs.search()
      const failed = searches.filter(({ state }) => state === 'unreachable')
      if (failed.length > 0) throw notSearched(failed.map(({ upstream }) => upstream))
      const released = await hold.release(client)
      deps.onWork()
      return released
    },
    async sharedMedia(token) {
      const shared = links.verify(token, clock.now())
      const bytes = shared && (await archive.size(shared.mediaId))
      if (shared === null || bytes === null) return null
      return { contentType: shared.contentType, bytes, read: (range) => archive.read(shared.mediaId, range) }
    },
  }
}

function notSearched(upstreams: string[]): Problem {
  return new Problem(
    'conflict',
    `${upstreams.join(' and ')} could not list the jobs created since the backup, so a job may be paid for twice. Try again, or send {"unsearched": true} to accept this.`,
    { extra: { upstreams } },
  )
}

function heldSince(since: number): string {
  return `Restored (${new Date(since).toISOString()}): nothing is sent to any upstream until POST /operations/release.`
}

async function check(name: Check['name'], probe: () => Promise<string | null>): Promise<Check> {
  try {
    const detail = await probe()
    return { name, ok: detail === null, detail }
  } catch {
    return { name, ok: false, detail: 'It does not respond.' }
  }
}
