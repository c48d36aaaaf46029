import type { Attempt } from '../../../domain/generation/generation.ts'
import type { Job } from '../../../domain/attempts/outcome.ts'
import type { KeyAuthority } from '../../../ports/accounts/key-authority.ts'
import type { Upstream } from '../../../ports/upstream.ts'
import type { StepEvidence } from '../../operations/evidence.ts'
import type { Pauses } from '../../operations/pauses.ts'
import type { Hold } from '../../restore/hold.ts'
import type { PrepareCreate } from '../prepare-create.ts'
import type { LeasedWork } from '../leased-work.ts'
import { reasonToKeep } from './submit-attempt.ts'
import type { UpstreamGate } from '../upstream-gate.ts'

export interface ReplayDeps {
  gate: UpstreamGate
  prepareCreate: PrepareCreate
  authority: KeyAuthority
  stopping: AbortSignal
  hold: Hold
  pauses: Pick<Pauses, 'of'>
}

/**
 * Repeats a create whose response was lost, with the same idempotency key. This is safe only if the vendor creates one job
 * per key (`deduplicates`) and the request is identical; otherwise nothing is sent. Any response except "accepted" leaves
 * the outcome unknown, because it may refer to the key instead of the job.
 */
export async function replayCreate(
  { gate, prepareCreate, stopping, authority, hold, pauses }: ReplayDeps,
  work: LeasedWork,
  { attempt, upstream, seen }: { attempt: Attempt; upstream: Upstream; seen: StepEvidence },
): Promise<Job | null> {
  // Where the vendor never took the first one, this is a new job.
  const heldBack = () =>
    stopping.aborted ? 'The process is stopping.' : reasonToKeep({ pauses }, work, upstream)
  if (hold.since() !== null || heldBack() !== null) return null
  if ((await authority.status(work.generation)).type === 'revoked') return null
  const prepared = await prepareCreate(work.generation, attempt, upstream, seen)
  if (prepared.type !== 'ready' || prepared.request.prompt !== attempt.prompt) return null
  // Preparing it may have taken minutes.
  if ((await authority.status(work.generation)).type === 'revoked') return null
  if (heldBack() !== null || (await gate.admitCreate(upstream.spec)) !== null) return null
  const outcome = await upstream.create(prepared.request, seen.note, heldBack)
  return outcome.type === 'accepted' ? outcome.job : null
}
