import { movedText } from '../../domain/restore/moved-away.ts'
import type { GenerationQueue } from '../../ports/generations/generation-queue.ts'
import type { MediaArchive } from '../../ports/media/media-archive.ts'
import type { UpstreamGate } from '../advance/upstream-gate.ts'
import type { Hold } from '../restore/hold.ts'
import type { ReadinessReport } from './operations.ts'

type Check = ReadinessReport['checks'][number]

export interface ReadinessDeps {
  gate: UpstreamGate
  store: GenerationQueue
  archive: MediaArchive
  hold: Hold
  /** Whether the workers of this process took a turn lately, and how long due work waits; null where it runs none. */
  workers: { alive(): boolean; overdueMs(): Promise<number>; mostOverdueMs: number } | null
}

/** Whether callers may be sent here, and what an operator should know all the same. */
export async function readinessOf({
  gate,
  store,
  archive,
  hold,
  workers,
}: ReadinessDeps): Promise<ReadinessReport> {
  const checks = await Promise.all([
    check('storage', () => store.nextDueAt().then(() => null)),
    check('media', () => archive.writeFault()),
    check('workers', async () => {
      if (workers === null) return null
      if (!workers.alive())
        return 'No worker has run recently. Check that a process with the role worker is running.'
      const overdueMs = await workers.overdueMs()
      return overdueMs > workers.mostOverdueMs
        ? `The oldest due work has waited for ${Math.round(overdueMs / 1000)} s.`
        : null
    }),
    check('upstreams', () => {
      const open = gate.views().some(({ breakers }) => breakers.create.state !== 'open')
      return Promise.resolve(open ? null : 'The create breaker of every upstream is open.')
    }),
  ])
  const since = hold.since()
  // Work is taken and stored, so this is no reason to send callers elsewhere.
  const moved = hold.moved()
  if (since !== null)
    checks.push({ name: 'restore', ok: true, detail: moved === null ? heldSince(since) : movedText(moved) })
  const paused = gate.views().flatMap(({ spec, pause }) => (pause == null ? [] : [spec.id]))
  if (paused.length > 0) checks.push({ name: 'pauses', ok: true, detail: `Paused: ${paused.join(', ')}.` })
  return { ready: checks.every(({ ok }) => ok), checks }
}

function heldSince(since: number): string {
  return `Restored (${new Date(since).toISOString()}): nothing is sent to any upstream until POST /operations/release.`
}

async function check(name: Check['name'], probe: () => Promise<string | null>): Promise<Check> {
  try {
    const detail = await probe()
    return { name, ok: detail === null, detail }
  } catch {
    return { name, ok: false, detail: 'It does not respond.' }
  }
}
