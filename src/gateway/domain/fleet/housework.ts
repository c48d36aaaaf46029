/** What one node at a time does for all nodes of a database. */
export const houseworks = ['ended_keys', 'expired', 'retention', 'orphans', 'slots'] as const
export type Housework = (typeof houseworks)[number]
