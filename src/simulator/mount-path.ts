/** The path prefix of an upstream's host in the simulator. */
export const mountPath = (upstreamId: string) => `/up/${upstreamId}`

/** The path as the vendor's own host sees it. */
export const vendorUrl = (url: string) => url.replace(/^\/up\/[^/]+/, '')
