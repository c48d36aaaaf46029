import { Client } from 'pg'
import { z } from 'zod'

export interface Statement {
  text: string
  values: Array<string | number | null>
}

const sent = z.object({
  text: z.string(),
  values: z.array(z.union([z.string(), z.number(), z.null()])).default([]),
})

/** What the driver sends to the server while `run` runs. */
export async function recorded(run: () => Promise<unknown>): Promise<Statement[]> {
  const statements: Statement[] = []
  const original = Object.getOwnPropertyDescriptor(Client.prototype, 'query')
  const query: unknown = original?.value
  if (original === undefined || typeof query !== 'function') throw new Error('the driver has no query method')
  Object.defineProperty(Client.prototype, 'query', {
    ...original,
    value(this: Client, ...args: unknown[]): unknown {
      const read = sent.safeParse(args[0])
      if (read.success) statements.push(read.data)
      return Reflect.apply(query, this, args)
    },
  })
  try {
    await run()
  } finally {
    Object.defineProperty(Client.prototype, 'query', original)
  }
  return statements
}
