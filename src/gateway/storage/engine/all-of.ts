/**
 * Like `Promise.all`, but settles only when all have. Statements that are asked together share a round trip; none may run
 * after its operation has failed.
 */
export async function allOf<T extends readonly unknown[] | []>(
  pending: T,
): Promise<{ -readonly [Index in keyof T]: Awaited<T[Index]> }> {
  try {
    return await Promise.all(pending)
  } catch {
    await Promise.allSettled(pending)
    return await Promise.all(pending)
  }
}
