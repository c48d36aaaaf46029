/** Its names of headers are lower-case. */
export interface RemoteAnswer {
  status: number
  headers: Record<string, string>
}

/**
 * `forbidden`: the address, scheme or port may not be fetched (private network, not http(s)). `failed`: it could not be
 * fetched: DNS, connect, a status other than 2xx, a deadline, too many redirects. `answer`: of the last host that was asked,
 * where it answered.
 */
export type RemoteFetch =
  | {
      type: 'body'
      body: AsyncIterable<Uint8Array>
      bytes: number | null
      contentType: string | null
      answer: RemoteAnswer
    }
  | { type: 'forbidden' | 'failed'; message: string; answer?: RemoteAnswer }

/** What reading a body fails with when it came too slowly. Its message is for callers. */
export class SlowTransfer extends Error {}

/** The one guarded fetch for URLs that come from callers or from upstreams' answers. Sends no credentials. */
export interface RemoteMedia {
  fetch(url: string, signal: AbortSignal): Promise<RemoteFetch>
}
