import { setTimeout as pause } from 'node:timers/promises'
import type { Stage } from './load.ts'
import { orderOf } from './order.ts'
import { createRandom } from './random.ts'
import { finalStatuses } from './shown.ts'
import { play } from './story.ts'

const mostAsking = 32
const mostPlaying = 200

/**
 * Plays one order after another, so many a second, until `ending`. `answered` resolves when nobody waits for the answer to
 * an order any more, `played` when every one of them was played out.
 */
export function runLoad(
  stage: Stage,
  { seed, perSecond, mostUnfinished }: { seed: number; perSecond: number; mostUnfinished: number },
): { answered: Promise<void>; played: Promise<void> } {
  const { load, ending } = stage
  const asking = new Set<Promise<void>>()
  const playing = new Set<Promise<void>>()

  function begin(): void {
    const index = load.asked.length
    const order = orderOf(createRandom(seed, `order ${index}`), index)
    load.asked.push(order.asked)
    const { promise, resolve } = Promise.withResolvers<void>()
    const answered = promise.finally(() => asking.delete(answered))
    const played = play(stage, order, resolve)
      .catch((error: unknown) => void load.problems.push(`${order.asked.token}: ${String(error)}`))
      .finally(() => playing.delete(played))
    asking.add(answered)
    playing.add(played)
  }
  async function keepBeginning(): Promise<void> {
    const random = createRandom(seed, 'load')
    while (!ending.aborted) {
      const unfinished = [...load.seen.values()].filter(({ status }) => !finalStatuses.has(status)).length
      if (asking.size < mostAsking && playing.size < mostPlaying && unfinished < mostUnfinished) begin()
      await pause((1000 / perSecond) * 2 * random.next())
    }
  }
  const answered = keepBeginning().then(() => all(asking))
  return { answered, played: answered.then(() => all(playing)) }
}

async function all(open: Set<Promise<void>>): Promise<void> {
  await Promise.all(open)
}
