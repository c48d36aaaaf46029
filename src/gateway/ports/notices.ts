/** A generation that was removed, and whose it was. */
export interface Removal {
  id: string
  tenant: string
}

export interface NoticeListener {
  /** Generations or series that changed. */
  changed?(ids: readonly string[]): void
  removed?(removals: readonly Removal[]): void
  /** There may be something to claim. */
  work?(): void
  /** Something changed of which every node keeps a copy in memory. */
  copies?(): void
  /** Anything may have happened unseen: look again at everything. */
  missed?(): void
}

/**
 * What nodes that share a database tell each other. A notice is a hint that may be late or lost, so who acts on one must
 * also look again by itself. Nothing here waits or throws, and nobody hears their own notices.
 */
export interface Notices {
  /** A generation or a series, once its change is durable. */
  changed(id: string): void
  removed(removal: Removal): void
  work(): void
  /** Returns a function that stops it. */
  listen(listener: NoticeListener): () => void
}

/** Of a process that shares its database with nobody. */
export const noNotices: Notices = {
  changed: () => undefined,
  removed: () => undefined,
  work: () => undefined,
  listen: () => () => undefined,
}
