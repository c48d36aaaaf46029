import { setTimeout as pause } from 'node:timers/promises'
import { RefusedError } from '../gateway/api.ts'
import type { Api } from '../gateway/api.ts'
import { CliError, exitCodes } from '../output/terminal.ts'
import { series } from '../gateway/shapes.ts'
import type { Series } from '../gateway/shapes.ts'
import { hasEnded } from '../gateway/wait.ts'
import { passes } from './send-once.ts'
import type { Progress } from './progress.ts'
import type { Videos } from './videos.ts'

const pollMs = 1000

interface Following {
  progress: Progress
  videos: Videos
  /** Milliseconds since the epoch. */
  until: number
  signal: AbortSignal
}

/**
 * Displays a series and saves its videos until it has ended and every video was saved or has failed. Retries during
 * outages. Returns null on a timeout.
 */
export async function follow(api: Api, first: Series, following: Following): Promise<Series | null> {
  const { progress, videos, until, signal } = following
  let current = first
  let saving: Promise<void> | null = null
  const faults: Error[] = []
  const save = async (): Promise<void> => {
    try {
      await patiently(() => videos.save(current))
    } catch (error) {
      faults.push(error instanceof Error ? error : new Error(String(error)))
    } finally {
      saving = null
    }
  }
  progress.show(current)
  try {
    for (;;) {
      saving ??= save()
      if (hasEnded(current)) await saving
      const [fault] = faults
      if (fault !== undefined) throw fault
      if (hasEnded(current) && videos.areDone(current)) return current
      if (Date.now() >= until) return null
      await pause(pollMs, undefined, { signal })
      await patiently(async () => {
        current = await api.call('GET', `/series/${current.id}`, series)
      })
      progress.show(current)
    }
  } finally {
    // An aborted download removes its incomplete file.
    if (signal.aborted) await saving
  }
}

/** Errors that may be temporary are left to the next round. */
async function patiently(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    const isOutage =
      error instanceof RefusedError
        ? passes(error)
        : error instanceof CliError && error.exitCode === exitCodes.unreachable
    if (!isOutage) throw error
  }
}
