import { writeFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type { Line } from '../chaos/line.ts'
import type { Disk } from './disks.ts'
import { isCrash, startIncarnation } from './gateway.ts'
import type { Ending, Footprint, Incarnation } from './gateway.ts'
import type { Act } from './plan.ts'
import { probes } from './samples.ts'
import type { Probe, Window } from './samples.ts'
import { brokenConfig, changedConfig } from './stage.ts'

/** Does to the gateway what the plan says, step by step, and restarts it whenever it has ended. */
export interface Actor extends Pick<Line, 'settleDown' | 'slowness'> {
  start(): Promise<void>
  play(act: Act): Promise<void>
  footprint(): Footprint | null
  held(): Promise<number | null>
  addressNow: () => string | null
  close(): Promise<void>
  crashes: string[]
  windows: Window[]
  stopsMs: number[]
  acts: Map<string, number>
  /** What happened and when. */
  diary: string[]
}

/** Rejected actions are retried this long after a full disk. */
const recoverMs = 2000
/** A gateway that fails to start is restarted, like by a supervisor, but not indefinitely. */
const startTries = 5
const againMs = 200

export function createActor(options: {
  address: string
  configFile: string
  text: string
  logFile: string
  errorFile: string
  disks: { data: Disk; log: Disk }
}): Actor {
  const { address, configFile, text, logFile, errorFile, disks } = options
  let present: Incarnation | null = null
  let isUp = false
  let aheadMs = 0
  let turns = 0
  let closing = false
  /** Serialized, so that only one restart runs at a time. */
  let restarting: Promise<void> = Promise.resolve()
  const windows: Window[] = []
  const crashes: string[] = []
  const stopsMs: number[] = []
  const acts = new Map<string, number>()
  const diary: string[] = []
  const tell = (what: string): void => void diary.push(`${new Date().toISOString()} ${what}`)

  async function during<T>(spares: readonly Probe[], afterMs: number, run: () => Promise<T>): Promise<T> {
    const window: Window = { from: Date.now(), to: Infinity, spares }
    windows.push(window)
    try {
      return await run()
    } finally {
      window.to = Date.now() + afterMs
    }
  }
  function judge(ending: Ending): void {
    if (ending.stopMs !== null) stopsMs.push(ending.stopMs)
    tell(`ended: ${JSON.stringify(ending)}`)
    if (isCrash(ending)) crashes.push(`${new Date().toISOString()} ${JSON.stringify(ending)}`)
  }
  async function begin(): Promise<void> {
    for (let tries = 1; ; tries++) {
      const started = await startIncarnation({ config: configFile, address, aheadMs, logFile, errorFile })
      if ('footprint' in started) {
        present = started
        isUp = true
        void guard(started)
        return
      }
      judge(started)
      if (tries >= startTries) throw new Error(`the gateway does not start; see ${logFile}`)
      await pause(againMs)
    }
  }
  /** A process that ended on its own is counted and restarted. */
  async function guard(incarnation: Incarnation): Promise<void> {
    const ending = await incarnation.ended
    if (present !== incarnation) return
    present = null
    isUp = false
    if (!ending.asked && !closing) {
      await once(async () => {
        judge(ending)
        await begin()
      })
    }
  }
  async function restart(): Promise<void> {
    await once(async () => {
      const incarnation = present
      present = null
      isUp = false
      if (incarnation !== null) judge(await incarnation.stop())
      await begin()
    })
  }
  async function once(run: () => Promise<void>): Promise<void> {
    restarting = restarting.then(() => during(probes, againMs, run))
    await restarting
  }
  async function reload(isValid: boolean): Promise<void> {
    turns += 1
    await writeFile(configFile, isValid ? changedConfig(text, turns) : brokenConfig(text, turns))
    present?.reload()
    // The file is read when the signal arrives; a restart after that must find a valid one.
    await pause(againMs)
    if (!isValid) await writeFile(configFile, text)
  }
  async function carryOut(act: Act): Promise<void> {
    switch (act.kind) {
      case 'restart':
        return restart()
      case 'restart with a full log disk':
        return whileFull(disks.log, restart)
      case 'reload':
        return reload(act.config === 'valid')
      case 'full data disk':
        return during(['create'], recoverMs, () => whileFull(disks.data, () => pause(act.forMs)))
      case 'full log disk':
        return whileFull(disks.log, () => pause(act.forMs))
      case 'clock':
        aheadMs = act.aheadMs
        present?.step(aheadMs)
    }
  }
  return {
    windows,
    crashes,
    stopsMs,
    acts,
    diary,
    start: begin,
    async play(act) {
      tell(JSON.stringify(act))
      acts.set(act.kind, (acts.get(act.kind) ?? 0) + 1)
      await carryOut(act)
    },
    footprint: () => present?.footprint() ?? null,
    held: async () => (await present?.held()) ?? null,
    addressNow: () => (isUp ? address : null),
    slowness: () => 1,
    async settleDown(clockMs) {
      aheadMs = clockMs
      await writeFile(configFile, text)
      await restart()
    },
    async close() {
      closing = true
      present?.abandon()
      await present?.ended
    },
  }
}

async function whileFull(disk: Disk, run: () => Promise<void>): Promise<void> {
  await disk.fill()
  try {
    await run()
  } finally {
    await disk.free()
  }
}
