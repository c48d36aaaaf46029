/** Where a call arrived: the scheme and the `Host`, as a trusted proxy or the connection says. */
export interface ArrivedAt {
  protocol: string
  host: string
}

/** What changes nothing. */
const safeMethods = new Set(['GET', 'HEAD'])

export function isWrite(method: string): boolean {
  return !safeMethods.has(method)
}

/**
 * Whether a page of this server sent the call. `publicUrl`: the configured address, null where there is none. A call without
 * `Origin` is not known to be.
 */
export function isOwnOrigin(
  origin: string | undefined,
  { protocol, host }: ArrivedAt,
  publicUrl: string | null,
): boolean {
  if (origin === undefined) return false
  const own = [`${protocol}://${host}`, ...(publicUrl === null ? [] : [publicUrl])]
  return own.some((url) => URL.parse(url)?.origin === origin)
}
