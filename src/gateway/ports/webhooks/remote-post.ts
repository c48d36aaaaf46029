import type { RemoteFailure } from '../media/remote-media.ts'

/** `forbidden`: the address may not be called. `failed`: there was no response. */
export type PostOutcome =
  { type: 'answered'; status: number; retryAfterMs: number | null } | { type: RemoteFailure; message: string }

/**
 * Sends to URLs that come from callers, under the rules of the guarded fetch. Follows no redirects and does not read
 * the response body.
 */
export interface RemotePost {
  /** Why this URL can never be called, as far as that is known without DNS; null if it may be called. */
  objection(url: string): string | null
  post(
    url: string,
    message: { headers: Record<string, string>; body: string },
    signal: AbortSignal,
  ): Promise<PostOutcome>
}
