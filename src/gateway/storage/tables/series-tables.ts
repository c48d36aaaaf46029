/** A row with a future `due_at` is not claimed: it is leased, or has nothing to do yet. */
export interface SeriesTable {
  id: string
  tenant: string
  status: string
  due_at: number | null
  version: number
  /** 1 while a process has it in hand; what the ends of such processes count. */
  in_hand: number
  crash_points: number
  doc: string
  /** What its scenes ask for, as JSON text: large, seldom read, and written once. */
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
