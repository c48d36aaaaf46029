import type { Client } from '../../domain/accounts/client.ts'
import { everyUpstream, isInForce } from '../../domain/routing/submission-pause.ts'
import type { SubmissionPause } from '../../domain/routing/submission-pause.ts'
import type { Clock, Ids } from '../../ports/clock.ts'
import type { PauseStore } from '../../ports/operations/pause-store.ts'
import { auditEntry } from '../accounts/audit-entry.ts'
import { readUnchanged } from '../fleet/read-unchanged.ts'

/** Whether creates may leave, as operators decide. Everything else of a job goes on during a pause. */
export interface Pauses {
  /** The pause that keeps creates from an upstream now; null if there is none. One of everything comes first. */
  of(upstream: string): SubmissionPause | null
  /** Resolves once it is stored: no create is committed after that. `target`: the ID of an upstream, or `everyUpstream`. */
  pause(
    client: Client,
    target: string,
    asked: { reason: string; until: number | null },
  ): Promise<SubmissionPause>
  /** False if the target was not paused. */
  resume(client: Client, target: string): Promise<boolean>
  /** Reads what other nodes stored. */
  readAgain(this: void): Promise<void>
}

export async function createPauses(deps: {
  pauseStore: PauseStore
  clock: Clock
  ids: Ids
}): Promise<Pauses> {
  const { pauseStore, clock } = deps
  const stored = async () => new Map((await pauseStore.all()).map((pause) => [pause.target, pause]))
  let known = await stored()
  let changes = 0
  const inForce = (target: string): SubmissionPause | null => {
    const pause = known.get(target)
    return pause !== undefined && isInForce(pause, clock.now()) ? pause : null
  }

  return {
    of: (upstream) => inForce(everyUpstream) ?? inForce(upstream),
    async pause(client, target, { reason, until }) {
      const pause = { target, reason, since: clock.now(), until, by: client.key }
      const audit = auditEntry(deps, {
        actor: client,
        action: actionOf(target, 'paused'),
        subject: subjectOf(target),
        data: { reason, until: until === null ? null : new Date(until).toISOString() },
      })
      await pauseStore.put(pause, audit)
      changes += 1
      known.set(target, pause)
      return pause
    },
    async resume(client, target) {
      const audit = auditEntry(deps, {
        actor: client,
        action: actionOf(target, 'resumed'),
        subject: subjectOf(target),
      })
      const removed = await pauseStore.remove(target, audit)
      changes += 1
      known.delete(target)
      return removed
    },
    async readAgain() {
      known = await readUnchanged(() => changes, stored)
    },
  }
}

function actionOf(target: string, what: 'paused' | 'resumed') {
  return target === everyUpstream ? (`operations.${what}` as const) : (`upstream.${what}` as const)
}

function subjectOf(target: string): string | null {
  return target === everyUpstream ? null : target
}
