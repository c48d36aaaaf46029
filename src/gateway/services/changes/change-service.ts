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
/** How old the state of the upstreams may be that a reader gets at first; what changes later follows within a second. */
const sharedMs = 1000

export function createChangeService(deps: Deps): ChangeService {
  const { feed, gate, clock, noteView } = deps
  const watch = createUpstreamWatch(deps)

  const toldTo = createToldTo()
  let shown: { seq: number; at: number; told: readonly Told[] } | null = null
  let readers = 0

  /** Readers that come at the same time are told the same. */
  function present(seq: number): readonly Told[] {
    const at = clock.now()
    if (shown?.seq === seq && Math.abs(at - shown.at) < sharedMs) return shown.told
    const told = gate
      .views()
      .map((upstream) => ({ seq, change: { type: 'upstream.changed' as const, at, upstream } }))
    shown = { seq, at, told }
    return told
  }

  async function* follow(client: Client, asked: FollowChanges): AsyncGenerator<readonly Told[]> {
    const { after, heartbeatMs, signal } = asked
    using news = awaitNews((told) => feed.listen(told))
    using joined = new DisposableStack()
    joined.use(watch.join())
    // While nobody reads, nobody compares the upstreams.
    if (readers++ === 0) shown = null
    joined.defer(() => readers--)
    let seq = after ?? feed.head()
    let isFirst = true
    while (!signal.aborted) {
      const from = seq
      const found = feed.after(from, changesPerRead)
      seq = found.upTo
      const told = toldTo(client, { from, found, now: clock.now() })
      if (told.length > 0) yield told
      if (isFirst) yield present(seq)
      else if (told.length === 0 && seq === feed.head() && !(await news.within(heartbeatMs, signal)))
        yield [{ seq, change: { type: 'heartbeat', at: clock.now() } }]
      isFirst = false
    }
  }

  return {
    async note(client) {
      if (observes(client)) await noteView(client, { subject: null, tenant: null, part: 'list' })
    },
    follow,
  }
}

interface Read {
  /** What was asked for. */
  from: number
  found: ChangesAfter<Change>
  now: number
}

/** Most readers are woken by the same change and stand at the same number: those who see the same are told the same array. */
function createToldTo() {
  let last = { from: -1, upTo: -1 }
  let toldBySight = new Map<string, readonly Told[]>()

  return (client: Client, read: Read): readonly Told[] => {
    const { from, found } = read
    if (found.type !== 'changes') return toldOf(client, read)
    if (last.from !== from || last.upTo !== found.upTo) {
      last = { from, upTo: found.upTo }
      toldBySight = new Map()
    }
    const sight = JSON.stringify([client.tenant, client.scopes])
    const known = toldBySight.get(sight)
    if (known !== undefined) return known
    const told = toldOf(client, read)
    toldBySight.set(sight, told)
    return told
  }
}

function toldOf(client: Client, { found, now }: Read): readonly Told[] {
  const { type, upTo } = found
  if (type !== 'changes') return [{ seq: upTo, change: { type: 'resync', at: now, reason: type } }]
  return found.changes.flatMap(({ seq, item }) => (sees(client, item) ? [{ seq, change: item }] : []))
}

function sees(client: Client, change: Change): boolean {
  return change.type === 'upstream.changed' || viewOf(client, change.tenant) !== 'none'
}
