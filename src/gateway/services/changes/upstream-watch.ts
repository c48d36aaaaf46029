import { upstreamFingerprint } from '../../domain/changes/change.ts'
import type { Clock } from '../../ports/clock.ts'
import type { UpstreamGate } from '../advance/upstream-gate.ts'
import type { ChangeFeed } from './change-feed.ts'

export interface UpstreamWatch {
  /** Compares all upstreams once a second, for all readers together, as long as there is one. */
  join(): Disposable
}

const everyMs = 1000

export function createUpstreamWatch(deps: {
  feed: Pick<ChangeFeed, 'publish'>
  gate: Pick<UpstreamGate, 'views'>
  clock: Clock
}): UpstreamWatch {
  let readers = 0
  let timer: NodeJS.Timeout | null = null
  let seen = new Map<string, string>()

  function look(tell: boolean): void {
    const before = seen
    seen = new Map()
    for (const upstream of deps.gate.views()) {
      const { id } = upstream.spec
      const print = upstreamFingerprint(upstream)
      seen.set(id, print)
      if (tell && before.get(id) !== print)
        deps.feed.publish(`upstream ${id}`, { type: 'upstream.changed', at: deps.clock.now(), upstream })
    }
  }

  return {
    join() {
      readers++
      // A reader gets the present state with its first answer.
      if (readers === 1) {
        look(false)
        timer = setInterval(() => look(true), everyMs).unref()
      }
      return {
        [Symbol.dispose]() {
          readers--
          if (readers > 0 || timer === null) return
          clearInterval(timer)
          timer = null
        },
      }
    },
  }
}
