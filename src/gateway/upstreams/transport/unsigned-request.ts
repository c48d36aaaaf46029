/** A request as it will be written to the wire. */
export interface UnsignedRequest {
  method: string
  /** The host as its header has it, with a port that is not the usual one. */
  host: string
  /** Path and query, percent-encoded. */
  path: string
  contentType: string | null
  /** Empty without a body; null for one that is streamed, whose bytes nobody has seen yet. */
  body: Uint8Array | null
}
