/** Where the simulator puts the host of an upstream. */
export const mountPath = (upstreamId: string) => `/up/${upstreamId}`

/** The path as the vendor's own host would see it. */
export const vendorUrl = (url: string) => url.replace(/^\/up\/[^/]+/, '')
