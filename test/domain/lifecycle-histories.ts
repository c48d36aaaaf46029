import * as fc from 'fast-check'
import type { Attempt } from '../../src/gateway/domain/generation/generation.ts'
import { moves, newPlay, playMove, routings } from './lifecycle-play.ts'
import type { Move, Play, Seen } from './lifecycle-play.ts'

export const RUNS = 400

/** Half of the moves respond to the due step; the others are events from an outdated view of the generation. */
const histories = fc.tuple(routings, moves(40))

const sampled = { seed: Date.now() % 2 ** 31, numRuns: 1500 }

function played([routing, moves]: [Parameters<typeof newPlay>[0], Move[]]): Seen[] {
  const play = newPlay(routing)
  for (const move of moves) if (!playMove(play, move)) break
  return play.seen
}

const samples = fc.sample(histories, sampled).map(played)

type Holds = (seen: Seen, earlier: Seen[]) => void

function inHistory(history: Seen[], holds: Holds): void {
  for (const [index, seen] of history.entries()) holds(seen, history.slice(0, index))
}

/** Checks all sampled histories. After a failure, fast-check searches again for the smallest one. */
export function whateverHappens(holds: Holds): void {
  try {
    for (const history of samples) inHistory(history, holds)
  } catch (error) {
    fc.assert(
      fc.property(histories, (history) => inHistory(played(history), holds)),
      sampled,
    )
    throw error
  }
}

export function check(condition: boolean, message: string): void {
  if (!condition) throw new Error(message)
}

/** Each attempt before and after. */
export function changes({ before, after }: Seen): Array<[Attempt, Attempt]> {
  return before.attempts.map((attempt, index) => {
    const now = after.attempts[index]
    if (now?.id !== attempt.id) throw new Error(`attempt ${attempt.id} is gone or moved`)
    return [attempt, now]
  })
}

/** From here on every upstream works: everything is found, rendered and served. */
export const allWell: Move = {
  waitMs: 0,
  stray: null,
  back: 0,
  create: { type: 'accepted', job: { upstreamId: 'well', operation: 'well', model: null } },
  report: { type: 'completed', result: 'well', model: null },
  cancel: { type: 'not_cancelled', message: 'too late' },
  start: 'attempt',
  bind: 'ready',
  find: 'cannot list',
  archive: 'archived',
  dies: false,
  chargedOn: 'success',
}

export function finish(play: Play, move: Move, most: number): void {
  for (let count = 0; count < most; count++) if (!playMove(play, move)) return
  throw new Error(`still busy after ${most} steps: ${JSON.stringify(play.generation)}`)
}
