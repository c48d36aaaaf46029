/** Header names are lower-case. */
export interface RemoteAnswer {
  status: number
  headers: Record<string, string>
}

export type RemoteFailure = 'forbidden' | 'failed'

/**
 * - `forbidden`: the address, scheme or port may not be fetched (private network, not http(s)).
 * - `failed`: DNS, connect, a status other than 2xx, a timeout, or too many redirects. `answer` is the response of the
 *   last host, if it sent one.
 */
export type RemoteFetch =
  | {
      type: 'body'
      body: AsyncIterable<Uint8Array>
      bytes: number | null
      contentType: string | null
      answer: RemoteAnswer
    }
  | { type: RemoteFailure; message: string; answer?: RemoteAnswer }

/** Thrown while reading a body that arrives too slowly. Its message may be shown to callers. */
export class SlowTransfer extends Error {}

/** The only way to fetch URLs that come from callers or upstreams. Sends no credentials. */
export interface RemoteMedia {
  fetch(url: string, signal: AbortSignal): Promise<RemoteFetch>
}
