import { setTimeout as pause } from 'node:timers/promises'
import { headers, requestBody } from '../load.ts'
import { busyMs, endedChildrenMs, processMs } from './cpu.ts'
import { checkStored, fill } from './fill.ts'
import { parts } from './set-ups.ts'
import type { Place, Running, SetUp } from './set-ups.ts'
import { ask } from './wrk.ts'
import type { Answers, Asked } from './wrk.ts'

export const users = [...parts, 'load', 'others'] as const
export type User = (typeof users)[number]

export interface Figures extends Answers {
  /** Creates that reached the upstream, per second. */
  sentPerSecond: number
  /** Seconds of CPU time per second. `others`: what else ran on the machine. */
  cores: ReadonlyMap<User, number>
}

export interface How {
  connections: number
  warmUpSeconds: number
  seconds: number
  /** What is asked for: accepts where not. */
  reads: boolean
}

const generate: Asked = { method: 'POST', headers, body: requestBody, paths: ['/generate'] }

/** Starts a set-up over a new database, asks without pause, ends it with SIGKILL, and looks whether all was stored. */
export async function measure(setUp: SetUp, place: Place, how: How): Promise<Figures> {
  const paths = await fill(setUp, place)
  const running = await setUp.start(place)
  try {
    const asked: Asked = how.reads ? { method: 'GET', headers, paths } : generate
    const { accepted, figures } = await load(running, place, asked, how)
    await running.end()
    await checkStored(setUp, place, how.reads ? 0 : accepted)
    return figures
  } finally {
    await running.end()
  }
}

async function load(
  running: Running,
  place: Place,
  asked: Asked,
  { connections, warmUpSeconds, seconds }: How,
): Promise<{ accepted: number; figures: Figures }> {
  const send = (duration: number) =>
    ask(place.directory, running.addresses, asked, { connections, seconds: duration })
  const warmUp = await send(warmUpSeconds)
  // The requests that were under way when the warm-up ended.
  await pause(100)
  const before = await read(running, place)
  const answers = await send(seconds)
  const after = await read(running, place)
  if (answers.count === 0) throw new Error(`nothing was answered in ${seconds} s`)
  const elapsed = after.atMs - before.atMs
  const share = (user: User) => ((after.cpuMs.get(user) ?? 0) - (before.cpuMs.get(user) ?? 0)) / elapsed
  return {
    accepted: warmUp.count + answers.count,
    figures: {
      ...answers,
      sentPerSecond: ((after.creates - before.creates) / elapsed) * 1000,
      cores: new Map(users.map((user) => [user, share(user)])),
    },
  }
}

interface Reading {
  atMs: number
  creates: number
  cpuMs: ReadonlyMap<User, number>
}

async function read(running: Running, { upstream }: Place): Promise<Reading> {
  const own = process.cpuUsage()
  const cpuMs = new Map<User, number>([
    ...running.cpuMs(),
    ['upstream', processMs(upstream.pid)],
    ['load', (own.user + own.system) / 1000 + endedChildrenMs()],
  ])
  const known = [...cpuMs.values()].reduce((sum, ms) => sum + ms, 0)
  cpuMs.set('others', busyMs() - known)
  return { atMs: performance.now(), creates: await upstream.creates(), cpuMs }
}
