/** What `GET /health/ready` checks. */
export const readinessChecks = ['storage', 'media', 'workers', 'upstreams', 'restore', 'pauses'] as const
