/** Requests in windows of time, counted by all processes over one database together and by the clock of its server. */
export interface RequestCounts {
  /**
   * Counts one request. A window begins with its first one. `total`: of the window with this one; `leftMs`: until it ends.
   * Rejects with a StorageError.
   */
  add(name: string, windowMs: number): Promise<{ total: number; leftMs: number }>
}
