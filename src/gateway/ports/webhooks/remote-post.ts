/** `forbidden`: the address may not be called. `failed`: no answer came, for whatever reason. */
export type PostOutcome =
  | { type: 'answered'; status: number; retryAfterMs: number | null }
  | { type: 'forbidden' | 'failed'; message: string }

/** Sends to URLs that come from callers, under the rules of the guarded fetch. Follows no redirect and reads no answer. */
export interface RemotePost {
  /** Why this URL can never be called, as far as can be told without asking the DNS; null when it may be. */
  objection(url: string): string | null
  post(
    url: string,
    message: { headers: Record<string, string>; body: string },
    signal: AbortSignal,
  ): Promise<PostOutcome>
}
