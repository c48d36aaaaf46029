import type { Client } from '../../domain/accounts/client.ts'
import { observes, viewOf } from '../../domain/accounts/view.ts'
import type { Change } from '../../domain/changes/change.ts'
import type { ChangesAfter } from '../../domain/changes/recent-changes.ts'
import type { Clock } from '../../ports/clock.ts'
import type { UpstreamGate } from '../advance/upstream-gate.ts'
import type { NoteView } from '../operations/view-audit.ts'
import type { ChangeFeed } from './change-feed.ts'
import type { ChangeService, FollowChanges, Told } from './changes.ts'
import { createUpstreamWatch } from './upstream-watch.ts'

interface Deps {
  feed: ChangeFeed
  gate: Pick<UpstreamGate, 'views'>
  clock: Clock
  noteView: NoteView
}

const changesPerRead = 200

export function createChangeService(deps: Deps): ChangeService {
  const { feed, gate, clock, noteView } = deps
  const watch = createUpstreamWatch(deps)

  function present(seq: number): Told[] {
    const at = clock.now()
    return gate
      .views()
      .map((upstream) => ({ seq, change: { type: 'upstream.changed' as const, at, upstream } }))
  }

  async function* follow(client: Client, asked: FollowChanges): AsyncGenerator<Told[]> {
    const { after, heartbeatMs, signal } = asked
    using wake = awaitFeed(feed)
    using joined = new DisposableStack()
    joined.use(watch.join())
    let seq = after ?? feed.head()
    let isFirst = true
    while (!signal.aborted) {
      const found = feed.after(seq, changesPerRead)
      seq = found.upTo
      const told = toldOf(found, client, clock.now())
      if (isFirst) told.push(...present(seq))
      isFirst = false
      if (told.length > 0) yield told
      else if (seq === feed.head() && !(await wake.within(heartbeatMs, signal)))
        yield [{ seq, change: { type: 'heartbeat', at: clock.now() } }]
    }
  }

  return {
    async note(client) {
      if (observes(client)) await noteView(client, { subject: null, tenant: null, part: 'list' })
    },
    follow,
  }
}

function toldOf(found: ChangesAfter<Change>, client: Client, now: number): Told[] {
  const { type, upTo } = found
  if (type !== 'changes') return [{ seq: upTo, change: { type: 'resync', at: now, reason: type } }]
  return found.changes.flatMap(({ seq, item }) => (sees(client, item) ? [{ seq, change: item }] : []))
}

function sees(client: Client, change: Change): boolean {
  return change.type === 'upstream.changed' || viewOf(client, change.tenant) !== 'none'
}

interface FeedWait extends Disposable {
  /** Whether anything came within this time, since the start or the last call. */
  within(ms: number, signal: AbortSignal): Promise<boolean>
}

/** Listens from the start of the call, so that nothing is missed between a read and the next wait. */
function awaitFeed(feed: ChangeFeed): FeedWait {
  let fresh = false
  let wake: (() => void) | undefined
  const stop = feed.listen(() => {
    fresh = true
    wake?.()
  })
  return {
    async within(ms, signal) {
      if (!fresh && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(done, ms)
          function done(): void {
            clearTimeout(timer)
            signal.removeEventListener('abort', done)
            wake = undefined
            resolve()
          }
          wake = done
          signal.addEventListener('abort', done, { once: true })
        })
      }
      const came = fresh
      fresh = false
      return came
    },
    [Symbol.dispose]: stop,
  }
}
