import { readGeneration } from '../read-generation.ts'
import type { Session } from '../session.ts'

/** How many generations are asked about at a time, and at most. */
const together = 8
const most = 64

/** Asks the gateway what the generations whose cost is open have cost. One that cannot be read keeps what it has set aside. */
export async function refreshSpending(session: Session, signal: AbortSignal): Promise<void> {
  const open = session.spending.openGenerations().slice(0, most)
  for (let at = 0; at < open.length; at += together)
    await Promise.allSettled(open.slice(at, at + together).map((id) => readGeneration(session, id, signal)))
  signal.throwIfAborted()
}
