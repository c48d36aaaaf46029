/** Versions of generations and series as they are now, in a statement for each kind; those that do not exist are left out. */
export type ReadVersions = (ids: readonly string[]) => Promise<Map<string, number>>
