import { everyUpstream } from '../../domain/routing/submission-pause.ts'
import { Problem } from '../../domain/problem.ts'
import type { Clock } from '../../ports/clock.ts'
import type { MediaLinks } from '../../ports/media/media-links.ts'
import type { Pauses } from './pauses.ts'
import type { OperationsService } from './operations.ts'
import { readinessOf } from './readiness.ts'
import type { ReadinessDeps } from './readiness.ts'
import { createSteerUpstreams } from './steer-upstreams.ts'
import type { MissingMediaCheck } from '../restore/missing-media.ts'
import type { RestoredJobs } from '../restore/restored-jobs.ts'
import type { UpstreamGate } from '../advance/upstream-gate.ts'

export function createOperationsService(
  deps: ReadinessDeps &
    Parameters<typeof createSteerUpstreams>[0] & {
      links: MediaLinks
      clock: Clock
      pauses: Pauses
      restoredJobs: RestoredJobs
      missingMedia: MissingMediaCheck
      /** Takes up at once what was held. */
      onWork: () => void
    },
): OperationsService {
  const { gate, archive, links, clock, hold, pauses } = deps

  return {
    ...createSteerUpstreams(deps),
    async upstreams() {
      await gate.countSpend('all')
      return gate.views()
    },
    readiness: () => readinessOf(deps),
    async pause(client, upstream, { reason, until }) {
      checkPaused(gate, upstream)
      if (until !== null && until <= clock.now())
        throw new Problem('validation_failed', 'The end of a pause must be in the future.', {
          faults: [{ pointer: '/until', detail: 'must be in the future' }],
        })
      return pauses.pause(client, upstream ?? everyUpstream, { reason, until })
    },
    async resume(client, upstream) {
      checkPaused(gate, upstream)
      const resumed = await pauses.resume(client, upstream ?? everyUpstream)
      deps.onWork()
      return resumed
    },
    async restore() {
      const searches = await deps.restoredJobs.list()
      return {
        heldSince: hold.since(),
        movedAway: hold.moved(),
        searches,
        missing: deps.missingMedia.report(),
      }
    },
    async release(client, unsearched) {
      // No search can change that.
      await hold.expectHere()
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

function checkPaused(gate: UpstreamGate, upstream: string | null): void {
  if (upstream !== null && gate.view(upstream) === undefined)
    throw new Problem('not_found', `No upstream "${upstream}" is configured.`)
}

function notSearched(upstreams: string[]): Problem {
  return new Problem(
    'conflict',
    `${upstreams.join(' and ')} could not list the jobs created since the backup, so a job may be paid for twice. Try again, or send {"unsearched": true} to accept this.`,
    { extra: { upstreams } },
  )
}
