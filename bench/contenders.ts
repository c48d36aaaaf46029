import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { startChild } from './child.ts'
import { applyLoad } from './load.ts'
import type { Load } from './load.ts'
import type { Served } from './served.ts'

export interface Contender {
  name: string
  /** The least share of the route without storage that it may have; null: told, and not judged. */
  floor: number | null
  served(place: Place): Served
}

interface Place {
  directory: string
  /** An upstream that never answers, and one that takes every create at once. */
  holding: string
  taking: string
}

/** A common limit of a paid account, so that a burst soon finds every upstream full. */
const jobsPerUpstream = 20

const gateway = ({ directory, holding }: Place, role: 'api' | 'all') => ({
  directory,
  role,
  upstreamUrl: holding,
  maxInFlight: jobsPerUpstream,
})

export const bare: Contender = {
  name: 'bare',
  floor: null,
  served: () => ({ type: 'bare' }),
}

export const storeless: Contender = {
  name: 'storeless',
  floor: null,
  served: (place) => ({ type: 'storeless', ...gateway(place, 'api') }),
}

export const contenders: Contender[] = [
  bare,
  storeless,
  {
    name: 'durable, role api',
    floor: 0.4,
    served: (place) => ({ type: 'durable', ...gateway(place, 'api'), notesAnswers: false }),
  },
  {
    name: 'durable, role all, upstreams full',
    floor: 0.3,
    served: (place) => ({ type: 'durable', ...gateway(place, 'all'), notesAnswers: false }),
  },
  {
    name: 'durable, role all, upstreams take all',
    floor: null,
    served: (place) => ({
      type: 'durable',
      ...gateway(place, 'all'),
      upstreamUrl: place.taking,
      maxInFlight: null,
      notesAnswers: false,
    }),
  },
]

/**
 * One contender in one round: a fresh process over an empty folder, killed at the end. Throws when a durable one has fewer
 * generations in its database than it has acknowledged. `run`: as for `startChild`.
 */
export async function measure(
  contender: Contender,
  place: Place,
  how: Parameters<typeof applyLoad>[1],
  run: Parameters<typeof startChild>[1],
): Promise<Load> {
  const served = contender.served(place)
  await using child = await startChild(served, run)
  const load = await applyLoad(child, how)
  await child.kill()
  if (served.type === 'durable') {
    const stored = storedGenerations(served.directory)
    if (stored < load.accepted) throw new Error(`${load.accepted} were accepted, ${stored} are stored`)
  }
  return load
}

const Count = z.object({ count: z.number() })

export function storedGenerations(directory: string): number {
  using database = new DatabaseSync(join(directory, 'understudy.db'))
  return Count.parse(database.prepare('select count(*) as count from generations').get()).count
}
