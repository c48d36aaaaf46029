import type { Client } from '../../domain/accounts/client.ts'
import { observes, viewOf } from '../../domain/accounts/view.ts'
import type { Change } from '../../domain/changes/change.ts'
import type { ChangesAfter } from '../../domain/changes/recent-changes.ts'
import type { Clock } from '../../ports/clock.ts'
import type { UpstreamGate } from '../advance/upstream-gate.ts'
import { awaitNews } from '../await-change.ts'
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
    using news = awaitNews((told) => feed.listen(told))
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
      else if (seq === feed.head() && !(await news.within(heartbeatMs, signal)))
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
