/** An event as the API lists it; what it says beside depends on its type. */
export interface ListedEvent {
  type: string
  at: string
  seq: number
  [member: string]: unknown
}

export interface EventRow {
  event: ListedEvent
  /** How many reports of progress it stands for. */
  reports: number
}

/** Reports of progress that follow each other in one attempt are one row: the last of them. */
export function foldEvents(events: readonly ListedEvent[]): EventRow[] {
  const rows: EventRow[] = []
  const lastOf = new Map<unknown, EventRow>()
  for (const event of events) {
    const attempt = event['attempt']
    const before = lastOf.get(attempt)
    if (event.type === 'attempt.progress' && before?.event.type === 'attempt.progress') {
      before.event = event
      before.reports += 1
      continue
    }
    const row = { event, reports: 1 }
    rows.push(row)
    lastOf.set(attempt, row)
  }
  return rows
}

export function textOf(event: ListedEvent, member: string): string | null {
  const value = event[member]
  return typeof value === 'string' ? value : null
}

export function numberOf(event: ListedEvent, member: string): number | null {
  const value = event[member]
  return typeof value === 'number' ? value : null
}
