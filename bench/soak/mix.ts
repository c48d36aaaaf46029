const creates = 80

/** What callers ask for, each with its weight among all requests. */
export const mix = [
  [creates, 'create'],
  [8, 'repeat'],
  [340, 'read'],
  [120, 'unchanged'],
  [60, 'list'],
  [20, 'counts'],
  [12, 'usage'],
  [3, 'statistics'],
  [40, 'route'],
  [8, 'estimate'],
  [70, 'video'],
  [2, 'thumbnail'],
  [10, 'deliveries'],
  [30, 'characters'],
  [20, 'models'],
  [10, 'upstreams'],
  [6, 'cancel'],
  [12, 'follow'],
  [12, 'wait'],
  [8, 'invalid'],
  [10, 'missing'],
] as const

export type Kind = (typeof mix)[number][1]

/** The share of creates among all requests, 0 to 1. */
export const createShare = creates / mix.reduce((sum, [weight]) => sum + weight, 0)

/**
 * How long these take is up to the caller and to the upstream; a thumbnail is made by a process of its own when it is asked for
 * first.
 */
export const untimed: readonly string[] = ['follow', 'wait', 'everything', 'thumbnail']
