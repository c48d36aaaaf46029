import { Writable } from 'node:stream'
import type { PoolClient } from 'pg'
import { z } from 'zod'

const connected = z.object({ connection: z.object({ stream: z.instanceof(Writable) }) })

/** Holds back what is sent until the code that runs now has sent all of its statements. */
export type Gather = () => void

/**
 * The driver sends each statement by a system call of its own, which takes longer than to make the statement. Statements
 * of one transaction that do not wait for each other are sent together instead.
 */
export function gatherWrites(client: PoolClient): Gather {
  const { success, data } = connected.safeParse(client)
  if (!success) return () => undefined
  const { stream } = data.connection
  let gathering = false
  return () => {
    if (gathering) return
    gathering = true
    stream.cork()
    // Runs once no promise has anything left to do.
    process.nextTick(() => {
      gathering = false
      stream.uncork()
    })
  }
}
