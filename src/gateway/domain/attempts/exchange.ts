/** What a call to an upstream was for. `fetch`: the file of a finished job. */
export const exchangeOperations = [
  'create',
  'poll',
  'fetch',
  'cancel',
  'list',
  'character',
  'character_poll',
] as const
export type ExchangeOperation = (typeof exchangeOperations)[number]

/** `not_sent`: not one byte left. `no_answer`: some may have left, and no complete answer came. */
export const exchangeEndings = ['answered', 'not_sent', 'no_answer'] as const
export type ExchangeEnding = (typeof exchangeEndings)[number]

/** One call to an upstream and what it answered, without secrets: what an operator reads to tell what became of a job. */
export interface Exchange {
  operation: ExchangeOperation
  /** When it was sent (ms since the epoch), and how long it took. */
  at: number
  ms: number
  method: string
  /** With its query, below the base URL; the whole address of a file that is named by one. */
  path: string
  /** The body as text: JSON, or the fields of a form; files and long base64 are only named. Null where there was none. */
  request: string | null
  ending: ExchangeEnding
  /** Why there is no response. Null if there is one. */
  reason: string | null
  status: number | null
  /** Those of an allow-list, names in lower case. */
  headers: { [name: string]: string }
  /** Decoded. Null if there is no response or the response is a file. */
  body: string | null
  /** Of a file, which itself is not kept: how much of it was read. Null for every other answer. */
  bytes: number | null
  /** Whether only the beginning was read or kept. */
  isCut: boolean
}

/** The number of stored characters of a body, and of a create response that could not be decoded. */
export const keptCharacters = 16 * 1024
export const keptUnreadable = 256 * 1024

export function cutBody(exchange: Exchange, length: number): Exchange {
  const { body } = exchange
  if (body === null || body.length <= length) return exchange
  return { ...exchange, body: body.slice(0, length).toWellFormed(), isCut: true }
}
