/** A row with a future `due_at` is not claimed: it is leased, or has nothing to do yet. */
export interface SeriesTable {
  id: string
  tenant: string
  status: string
  due_at: number | null
  version: number
  /** `in_hand`: 1 while a process is working on the row. `crash_points`: counts the crashes meanwhile. */
  in_hand: number
  crash_points: number
  doc: string
  /** The requests of its scenes as JSON text: large, seldom read, written once. */
  requests: string
}

/** `seq` counts from 1 without gaps in each series. */
export interface SeriesEventsTable {
  series_id: string
  seq: number
  type: string
  at: number
  data: string
}
