/** Makes texts that nobody else can make. Nothing in them is hidden. */
export interface TokenSeal {
  close(json: string): string
  /** The JSON value of a text that `close` made; null for any other. Compares in constant time. */
  open(token: string): unknown
}
