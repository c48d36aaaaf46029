/**
 * Waits for all, and throws the first error only then. Statements that are asked together share a round trip; none may run
 * after its operation has failed.
 */
export async function allOf(pending: ReadonlyArray<Promise<unknown>>): Promise<void> {
  const outcomes = await Promise.allSettled(pending)
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}
