import { z } from 'zod'
import type { Removal } from '../../ports/notices.ts'

/** What one node tells the others at once. */
export interface Notice {
  /** Absent in what the database itself tells. */
  from?: string
  changed?: string[]
  removed?: Removal[]
  work?: boolean
  copies?: boolean
  /** More than was told may have changed. */
  missed?: boolean
}

/** Names what was gathered, until it is told. */
export interface Gathered {
  changed: Set<string>
  removed: Map<string, Removal>
  work: boolean
  missed: boolean
}

/** The server takes less than 8000 bytes. */
const mostBytes = 7900
/** More than that is told as `missed`. */
const mostTexts = 8
/** A notice without ids, and what JSON adds to an id. */
const frameBytes = 200
const perIdBytes = 3

const noticeText: z.ZodType<Notice> = z.object({
  from: z.string().exactOptional(),
  changed: z.array(z.string()).exactOptional(),
  removed: z.array(z.object({ id: z.string(), tenant: z.string() })).exactOptional(),
  work: z.boolean().exactOptional(),
  copies: z.boolean().exactOptional(),
  missed: z.boolean().exactOptional(),
})

/** Null for what no release of this gateway writes. */
export function parseNotice(text: string): Notice | null {
  try {
    return noticeText.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

export function nothingGathered(): Gathered {
  return { changed: new Set(), removed: new Map(), work: false, missed: false }
}

export function isEmpty({ changed, removed, work, missed }: Gathered): boolean {
  return changed.size === 0 && removed.size === 0 && !work && !missed
}

/** The texts of what was gathered, each within the limit of the server; none if there is nothing to tell. */
export function noticeTexts(from: string, gathered: Gathered): string[] {
  if (isEmpty(gathered)) return []
  const changed = parts([...gathered.changed], (id) => sizeOf(id))
  const removed = parts([...gathered.removed.values()], (each) => sizeOf(JSON.stringify(each)))
  if (gathered.missed || changed.length + removed.length > mostTexts)
    return [JSON.stringify({ from, work: gathered.work, missed: true })]
  const told: Notice[] = [
    ...changed.map((ids) => ({ from, changed: ids })),
    ...removed.map((each) => ({ from, removed: each })),
  ]
  if (gathered.work) told.unshift({ from, work: true, ...told.shift() })
  return told.map((each) => JSON.stringify(each))
}

function sizeOf(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) + perIdBytes
}

function parts<Item>(items: readonly Item[], bytesOf: (item: Item) => number): Item[][] {
  const made: Item[][] = []
  let room = 0
  for (const item of items) {
    const bytes = bytesOf(item)
    if (bytes > room) {
      made.push([])
      room = mostBytes - frameBytes
    }
    made.at(-1)?.push(item)
    room -= bytes
  }
  return made
}
