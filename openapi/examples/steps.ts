import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import type { ExampleStage } from './stage.ts'

export type Note = (operationId: string, method: string, path: string, body?: unknown) => Promise<unknown>

const Named = z.looseObject({ id: z.string() })
const ended = new Set(['completed', 'failed', 'cancelled'])

export const idOf = (answer: unknown): string => Named.parse(answer).id

/** Reads until it has ended; a second passes each time, after `rest` milliseconds of real time. */
export async function untilEnded(stage: ExampleStage, path: string, rest = 0): Promise<void> {
  for (let step = 0; step < 200; step++) {
    const { status } = z.looseObject({ status: z.string() }).parse((await stage.call('GET', path)).body)
    if (ended.has(status)) return
    await pause(rest)
    await stage.pass(1000)
  }
  throw new Error(`${path} did not end`)
}

/** A series goes on in rounds, which end in real time: each has time to end before the next second. */
export const untilSeriesEnded = (stage: ExampleStage, id: string): Promise<void> =>
  untilEnded(stage, `/series/${id}`, 300)
