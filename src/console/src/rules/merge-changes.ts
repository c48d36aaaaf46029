/** What `generation.changed` says of a generation. */
export interface GenerationChange {
  id: string
  status: 'queued' | 'in_progress' | 'completed' | 'failed' | 'cancelled'
  progress: number
  state: string | null
  upstream: string | null
  attempts: number
  error: string | null
  cost_usd: number
  reserved_cost_usd: number
  seq: number
}

interface Row {
  id: string
  status: GenerationChange['status']
  progress: number
  cost_usd: number
  reserved_cost_usd: number
  attempts: ReadonlyArray<{ upstream: string; state: string }>
}

/**
 * The row as the change says; the same object if nothing differs. What the change does not tell (the video, who the next upstream
 * is, when it ended) stays, and `isBehind` says so.
 */
export function mergeChange<R extends Row>(row: R, change: GenerationChange): R {
  if (row.id !== change.id) return row
  const { status, progress, cost_usd, reserved_cost_usd } = change
  const place = tellingPlace(row, change)
  const isSame =
    row.status === status &&
    row.progress === progress &&
    row.cost_usd === cost_usd &&
    row.reserved_cost_usd === reserved_cost_usd &&
    place === null
  if (isSame) return row
  const attempts = row.attempts.map((attempt, index) =>
    index === place && change.state !== null ? { ...attempt, state: change.state } : attempt,
  )
  return { ...row, status, progress, cost_usd, reserved_cost_usd, attempts }
}

/** The place of the attempt whose state has changed; null if none that the row has. */
function tellingPlace({ attempts }: Row, change: GenerationChange): number | null {
  if (attempts.length !== change.attempts) return null
  const place = attempts.findLastIndex(({ upstream }) => upstream === change.upstream)
  return place === -1 || attempts[place]?.state === change.state ? null : place
}

/** Whether the generation must be read again, since the change says less than has changed. */
export function isBehind(row: Row, change: GenerationChange): boolean {
  return row.status !== change.status || row.attempts.length !== change.attempts || hasOtherState(row, change)
}

/** Two attempts may have changed at once, and only one of them is told of. */
function hasOtherState({ attempts }: Row, { state, attempts: count }: GenerationChange): boolean {
  return attempts.length === count && count > 1 && attempts.every((attempt) => attempt.state !== state)
}

/** Puts changes into a list; the same list if no row differs. The order stays. */
export function mergeChanges<R extends Row>(
  rows: readonly R[],
  changes: ReadonlyMap<string, GenerationChange>,
): readonly R[] {
  const merged = rows.map((row) => {
    const change = changes.get(row.id)
    return change === undefined ? row : mergeChange(row, change)
  })
  return merged.some((row, index) => row !== rows[index]) ? merged : rows
}

/**
 * The steps that generations have taken: whether a change is more than progress and money, so that another list may have to show
 * it, and counts change. Remembers `most` generations.
 */
export function createSteps(most: number): (change: GenerationChange) => boolean {
  const known = new Map<string, string>()
  return ({ id, status, state, attempts }) => {
    const step = [status, state, attempts].join(' ')
    if (known.get(id) === step) return false
    known.delete(id)
    known.set(id, step)
    const [oldest] = known.keys()
    if (known.size > most && oldest !== undefined) known.delete(oldest)
    return true
  }
}
