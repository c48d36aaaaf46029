import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readdirSync, readFileSync, closeSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

const main = new URL('../../src/gateway/main.ts', import.meta.url).pathname
const clock = new URL('./step-clock.ts', import.meta.url)
/** The gateway gives up stopping after twenty seconds, with exit code 1. This is for one that does not even do that. */
const stopMs = 30_000
const startMs = 60_000
const lookMs = 20
const heldMs = 10_000

export interface Footprint {
  /** Distinguishes processes of the gateway. */
  pid: number
  rssMb: number
  descriptors: number
}

/** The end of a process. It is a crash unless it was `asked` for; so is a stop that took all of its time. */
export interface Ending {
  asked: boolean
  code: number | null
  signal: string | null
  stopMs: number | null
}

/** One process of the gateway, started like by `npm start`. */
export interface Incarnation {
  ended: Promise<Ending>
  /** Null once it has ended. */
  footprint(): Footprint | null
  /** Memory in use after a full garbage collection, in MB; null if unknown. */
  held(): Promise<number | null>
  reload(): void
  /** Moves its wall clock ahead by this much from now on. */
  step(aheadMs: number): void
  stop(): Promise<Ending>
  /** Ends it at the end of the run, whatever happened. */
  abandon(): void
}

/** Resolves once it responds at `address`, or with its ending if it ended before. */
export async function startIncarnation(options: {
  config: string
  address: string
  aheadMs: number
  logFile: string
  /** Node's output when it ends, on a disk that is never full. */
  errorFile: string
}): Promise<Incarnation | Ending> {
  const { config, address, aheadMs, logFile, errorFile } = options
  const log = openSync(logFile, 'a')
  const errors = openSync(errorFile, 'a')
  const preload = `${clock.href}?ahead=${aheadMs}`
  const child = spawn(process.execPath, ['--import', preload, main, '--config', config], {
    stdio: ['ignore', log, errors, 'ipc'],
  })
  closeSync(log)
  closeSync(errors)
  let asked = false
  let askedAt = 0
  const ended = once(child, 'exit').then(([code, signal]): Ending => ({
    asked,
    code,
    signal,
    stopMs: asked ? Date.now() - askedAt : null,
  }))
  const until = Date.now() + startMs
  while (child.exitCode === null && child.signalCode === null) {
    if (await answers(address)) return incarnationOf()
    if (Date.now() > until) child.kill('SIGKILL')
    await pause(lookMs)
  }
  return ended

  function incarnationOf(): Incarnation {
    return {
      ended,
      footprint: () => footprintOf(child),
      held: () => heldBy(child),
      reload: () => void child.kill('SIGHUP'),
      step: (ahead) => void child.send({ aheadMs: ahead }, () => undefined),
      async stop() {
        asked = true
        askedAt = Date.now()
        child.kill('SIGTERM')
        const hung = setTimeout(() => child.kill('SIGKILL'), stopMs)
        const ending = await ended
        clearTimeout(hung)
        return ending
      },
      abandon() {
        asked = true
        child.kill('SIGKILL')
      },
    }
  }
}

async function answers(address: string): Promise<boolean> {
  try {
    const { ok } = await fetch(`${address}/health/live`, { signal: AbortSignal.timeout(1000) })
    return ok
  } catch {
    return false
  }
}

async function heldBy(child: ChildProcess): Promise<number | null> {
  const told = once(child, 'message', { signal: AbortSignal.timeout(heldMs) }).then(
    ([message]): unknown => message,
    () => undefined,
  )
  child.send({ measure: true }, () => undefined)
  const message = await told
  return typeof message === 'object' && message !== null && 'heldMb' in message
    ? Number(message.heldMb)
    : null
}

/** From Linux; null on other systems. */
function footprintOf({ pid }: ChildProcess): Footprint | null {
  if (pid === undefined) return null
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const kb = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1])
    return { pid, rssMb: kb / 1024, descriptors: readdirSync(`/proc/${pid}/fd`).length }
  } catch {
    return null
  }
}

/** Whether this end was not requested. */
export function isCrash({ asked, code }: Ending): boolean {
  return !asked || code !== 0
}
