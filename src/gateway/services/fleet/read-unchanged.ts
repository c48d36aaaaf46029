const mostTries = 5

/**
 * Reads until nothing was changed in this process meanwhile, so that what is read is not older than what is kept here.
 * `changes` counts what was changed here. Throws when there is no end of changes.
 */
export async function readUnchanged<Value>(
  changes: () => number,
  read: () => Promise<Value>,
): Promise<Value> {
  for (let tries = 0; tries < mostTries; tries++) {
    const before = changes()
    const value = await read()
    if (changes() === before) return value
  }
  throw new Error('changed too often to be read; trying again soon')
}
