import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { percentile } from '../figures.ts'
import type { Log } from './caller.ts'
import { untimed } from './mix.ts'
import { isWithinNoise, leastOfEach, slopeOf } from './slope.ts'
import type { Slope } from './slope.ts'
import type { Sample } from './watch.ts'

/** Fewer than this say little about a p99. */
const enough = 1000

export interface Window {
  /** In ms of `performance.now()`. */
  from: number
  to: number
}

/** The p99 of a kind of request in two windows of the same length. */
export interface Comparison {
  kind: string
  requests: number
  begin: { p50: number; p99: number }
  end: { p50: number; p99: number }
  ratio: number
  /** Whether there were enough requests in both windows. */
  isJudged: boolean
}

const both = (times: readonly number[]) => ({ p50: percentile(times, 0.5), p99: percentile(times, 0.99) })

/** Of each kind whose answers do not wait by intent, and of all of them together (`all`). */
export function compareWindows({ done }: Log, begin: Window, end: Window): Comparison[] {
  const timed = done.filter(({ kind }) => !untimed.includes(kind))
  const kinds = new Map<string, typeof timed>([['all', timed]])
  for (const each of timed) {
    const same = kinds.get(each.kind)
    if (same === undefined) kinds.set(each.kind, [each])
    else same.push(each)
  }
  const within = (all: typeof timed, { from, to }: Window): number[] =>
    all.filter(({ dueAt }) => dueAt >= from && dueAt < to).map(({ ms }) => ms)
  return [...kinds].flatMap(([kind, all]) => {
    const [first, last] = [within(all, begin), within(all, end)]
    if (first.length === 0 || last.length === 0) return []
    const [atBegin, atEnd] = [both(first), both(last)]
    return [
      {
        kind,
        requests: all.length,
        begin: atBegin,
        end: atEnd,
        ratio: atEnd.p99 / atBegin.p99,
        isJudged: Math.min(first.length, last.length) >= enough,
      },
    ]
  })
}

const tenMinutes = 600
/** MB in ten minutes. The resident set goes up and down with the garbage; what is left of the heap after a collection does not. */
const allowed = {
  resident: { least: 1, most: Infinity },
  kept: { least: 1, most: 10 },
}

export interface Growth {
  name: string
  /** In ten minutes. */
  slope: Slope
  first: number
  last: number
  /** Null: not judged. */
  isMet: boolean | null
}

/** Of the samples after the warm-up; `blockSeconds`: in which at least one collection of the whole heap is expected. */
export function growthOf(samples: readonly Sample[], blockSeconds: number): Growth[] {
  const line = (of: (sample: Sample) => number) =>
    samples.map((sample) => ({ x: sample.second / tenMinutes, y: of(sample) }))
  const grown = (
    name: string,
    points: ReturnType<typeof line>,
    limits: typeof allowed.kept | null,
  ): Growth => {
    const slope = slopeOf(points)
    const [first, last] = [points[0]?.y ?? 0, points.at(-1)?.y ?? 0]
    return { name, slope, first, last, isMet: limits === null ? null : isWithinNoise(slope, limits) }
  }
  const heap = line(({ heapMb }) => heapMb)
  return [
    grown(
      'resident memory, MB',
      line(({ residentMb }) => residentMb),
      allowed.resident,
    ),
    grown('least heap of each block, MB', leastOfEach(heap, blockSeconds / tenMinutes), allowed.kept),
    grown('heap, MB', heap, null),
    grown(
      'native memory of the heap, MB',
      line(({ externalMb }) => externalMb),
      null,
    ),
    grown(
      'descriptors',
      line(({ descriptors }) => descriptors),
      null,
    ),
    grown(
      'database, MB',
      line(({ databaseMb }) => databaseMb),
      null,
    ),
    grown(
      'write-ahead log, MB',
      line(({ walMb }) => walMb),
      null,
    ),
  ]
}

const warning = 40
const Line = z.object({ level: z.number(), msg: z.string().default('') })

/** What the gateway warned of and how often, by level and text; a line that is no log line counts as an error. */
export async function warningsIn(file: string): Promise<Map<string, number>> {
  const seen = new Map<string, number>()
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const { level, msg } = readLine(line)
    if (level < warning) continue
    const name = `${level} ${msg.slice(0, 200)}`
    seen.set(name, (seen.get(name) ?? 0) + 1)
  }
  return seen
}

function readLine(line: string): z.infer<typeof Line> {
  try {
    return Line.parse(JSON.parse(line))
  } catch {
    return { level: 60, msg: line }
  }
}
