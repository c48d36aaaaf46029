import { setTimeout as pause } from 'node:timers/promises'
import type { Stage } from './load.ts'
import { orderOf } from './order.ts'
import type { Order } from './order.ts'
import { createRandom } from './random.ts'
import { finalStatuses } from './shown.ts'
import { play } from './story.ts'

/**
 * Two queues, because a request with a file takes longer than most lives of the gateway and would delay all others. Odd
 * numbers are heavy.
 */
const lanes = [
  { name: 'light', heavy: false, most: 32, share: 0.8 },
  { name: 'heavy', heavy: true, most: 8, share: 0.2 },
]
const mostPlaying = 200

/**
 * Plays the orders at this rate until `ending`. `answered` resolves when no order waits for a response any more,
 * `played` when all of them have ended.
 */
export function runLoad(
  stage: Stage,
  { seed, perSecond, mostUnfinished }: { seed: number; perSecond: number; mostUnfinished: number },
): { answered: Promise<void>; played: Promise<void> } {
  const { load, ending } = stage
  const playing = new Set<Promise<void>>()

  function begin(order: Order): Promise<void> {
    load.asked.push(order.asked)
    const { promise, resolve } = Promise.withResolvers<void>()
    const played = play(stage, order, resolve)
      .catch((error: unknown) => void load.problems.push(`${order.asked.token}: ${String(error)}`))
      .finally(() => playing.delete(played))
    playing.add(played)
    return promise
  }
  const isRoom = (): boolean => {
    const unfinished = [...load.seen.values()].filter(({ status }) => !finalStatuses.has(status)).length
    return playing.size < mostPlaying && unfinished < mostUnfinished
  }
  async function fill({ name, heavy, most, share }: (typeof lanes)[number]): Promise<void> {
    const random = createRandom(seed, `load ${name}`)
    const asking = new Set<Promise<void>>()
    for (let index = 0; !ending.aborted;) {
      if (asking.size < most && isRoom()) {
        const asked = begin(orderOf(seed, 2 * index + Number(heavy), heavy)).finally(() =>
          asking.delete(asked),
        )
        asking.add(asked)
        index += 1
      }
      await pause((1000 / (perSecond * share)) * 2 * random.next())
    }
    await Promise.all(asking)
  }
  const answered = all(lanes.map(fill))
  return { answered, played: answered.then(() => all(playing)) }
}

async function all(open: Iterable<Promise<void>>): Promise<void> {
  await Promise.all(open)
}
