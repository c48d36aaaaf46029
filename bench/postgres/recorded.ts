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

/** What the driver sends to the server while `run` runs, on any connection. */
export async function recorded(run: () => Promise<unknown>): Promise<Statement[]> {
  return (await sentBy(run)).map(({ statement }) => statement)
}

/**
 * The one transaction in it that contains `part`. Others that run meanwhile, such as a merge of totals, are left out.
 * @throws Error if there are several, or none.
 */
export async function recordedTransaction(part: string, run: () => Promise<unknown>): Promise<Statement[]> {
  const transactions = new Map<Client, Statement[][]>()
  for (const { client, statement } of await sentBy(run)) {
    const own = transactions.get(client) ?? []
    if (statement.text.startsWith('begin')) own.push([])
    own.at(-1)?.push(statement)
    transactions.set(client, own)
  }
  const found = [...transactions.values()]
    .flat()
    .filter((each) => each.some(({ text }) => text.includes(part)))
  const [transaction] = found
  if (transaction === undefined || found.length > 1)
    throw new Error(`${found.length} transactions contain ${part}`)
  return transaction
}

async function sentBy(run: () => Promise<unknown>): Promise<Array<{ client: Client; statement: Statement }>> {
  const all = new Array<{ client: Client; statement: Statement }>()
  const original = Object.getOwnPropertyDescriptor(Client.prototype, 'query')
  const query: unknown = original?.value
  if (original === undefined || typeof query !== 'function') throw new Error('the driver has no query method')
  Object.defineProperty(Client.prototype, 'query', {
    ...original,
    value(this: Client, ...args: unknown[]): unknown {
      const read = sent.safeParse(args[0])
      if (read.success) all.push({ client: this, statement: read.data })
      return Reflect.apply(query, this, args)
    },
  })
  try {
    await run()
  } finally {
    Object.defineProperty(Client.prototype, 'query', original)
  }
  return all
}
