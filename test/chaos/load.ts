import { setTimeout as pause } from 'node:timers/promises'
import * as z from 'zod'
import { keys } from '../e2e/gateway.ts'
import type { Client } from './client.ts'
import type { Random } from './random.ts'

/** What was asked, by the token that its prompt carries; the checker compares with it what it finds. */
export interface Asked {
  token: string
  key: 'studio' | 'bank'
  onUnknown: 'fail' | 'fallback'
  maxCostUsd: number | null
  /** The id that a 202 named; null when the answer was lost and the request not repeated. */
  id: string | null
  /** Refused at the door with this status. */
  refusedWith: number | null
}

export interface Load {
  asked: Asked[]
  /** The last status that the API has shown, and when; a final one may never change. */
  seen: Map<string, { status: string; at: number }>
  cancels: number
  /** A final status that changed: `id: before → after`. */
  changed: string[]
  /** What a caller could not do that it may do: `what: status`. */
  problems: string[]
  /** An answer to a request sent at `askedAt` showed this status. */
  note(id: string, status: string, askedAt: number): void
}

export const finalStatuses = new Set(['completed', 'failed', 'cancelled'])
export const tokenOf = (prompt: string): string | null => /\btk\d+\b/.exec(prompt)?.[0] ?? null

const shown = z.object({ id: z.string(), status: z.string() })
const cast = ['ada', 'ben', 'cleo', 'dora']
const mostAtOnce = 32

export function createLoad(): Load {
  const load: Load = {
    asked: [],
    seen: new Map(),
    cancels: 0,
    changed: [],
    problems: [],
    note(id, status, askedAt) {
      const before = load.seen.get(id)
      if (before !== undefined && finalStatuses.has(before.status)) {
        // An answer that was on its way when the end was shown elsewhere is merely old.
        if (before.status === status || askedAt <= before.at) return
        load.changed.push(`${id}: ${before.status} → ${status}`)
      }
      load.seen.set(id, { status, at: Date.now() })
    },
  }
  return load
}

/** Makes the characters that prompts mention, by clips of the simulator. */
export async function makeCharacters(client: Client, origin: string): Promise<void> {
  for (const name of cast) {
    const answer = await client.insist(keys.studio, 'POST', '/characters', {
      name,
      description: `${name} in a green coat`,
      video_url: `${origin}/clips/${name}.mp4?seconds=3&size=320x240`,
    })
    if (answer.status >= 300) throw new Error(`no character: ${JSON.stringify(answer.body)}`)
  }
}

/** Asks for generations, so many a second, until `signal`; resolves when every request was answered or given up. */
export async function runLoad(
  client: Client,
  load: Load,
  random: Random,
  options: { perSecond: number; characters: boolean; mostUnfinished: number },
  signal: AbortSignal,
): Promise<void> {
  const open = new Set<Promise<void>>()
  while (!signal.aborted) {
    const order = orderOf(random, load.asked.length, options.characters)
    const unfinished = [...load.seen.values()].filter(({ status }) => !finalStatuses.has(status)).length
    if (open.size < mostAtOnce && unfinished < options.mostUnfinished) {
      load.asked.push(order.asked)
      const work = place(client, load, order).finally(() => open.delete(work))
      open.add(work)
    }
    await pause((1000 / options.perSecond) * 2 * random.next())
  }
  await Promise.all(open)
}

interface Order {
  asked: Asked
  body: object
  repeats: boolean
  cancelAfterMs: number | null
}

function orderOf(random: Random, index: number, characters: boolean): Order {
  const token = `tk${index}`
  const key = random.chance(0.15) ? 'bank' : 'studio'
  const who = characters && key === 'studio' && random.chance(0.3) ? `@${random.pick(cast)} ` : ''
  const word = random.weighted([
    [90, ''],
    [4, ' forbidden'],
    [3, ' forbidden-late'],
  ])
  const onUnknown = random.chance(0.35) ? 'fallback' : 'fail'
  const maxCostUsd = random.chance(0.2) ? random.pick([0.1, 0.3, 1, 1.5]) : null
  const duration = random.pick([4, 5, 8, 10, 12, 15])
  const priority = random.pick(['cost', 'stability'])
  const fallback = random.chance(0.9)
  return {
    asked: { token, key, onUnknown, maxCostUsd, id: null, refusedWith: null },
    body: {
      prompt: `${who}walks ${token}${word}`,
      duration,
      size: random.pick(['320x240', '240x320', 'landscape']),
      routing: {
        priority,
        fallback,
        on_unknown: onUnknown,
        ...(maxCostUsd !== null && { max_cost_usd: maxCostUsd }),
      },
    },
    repeats: random.chance(0.8),
    cancelAfterMs: random.chance(0.15) ? random.int(0, 2500) : null,
  }
}

async function place(
  client: Client,
  load: Load,
  { asked, body, repeats, cancelAfterMs }: Order,
): Promise<void> {
  const key = keys[asked.key]
  const answer = repeats
    ? await client.insist(key, 'POST', '/generate', body, { 'idempotency-key': `order-${asked.token}` })
    : await client.call(key, 'POST', '/generate', body)
  if (answer === null) return
  if (answer.status !== 202) {
    asked.refusedWith = answer.status
    return
  }
  const { id } = shown.parse(answer.body)
  asked.id = id
  // A replayed answer shows the generation as it was at first.
  if (!load.seen.has(id)) load.note(id, 'queued', 0)
  if (cancelAfterMs === null) return
  await pause(cancelAfterMs)
  const askedAt = Date.now()
  const cancelled = await client.insist(key, 'POST', `/generations/${id}/cancel`)
  // On a full disk that is the honest answer, and nothing was cancelled.
  if (cancelled.status === 507) return
  if (cancelled.status !== 200) {
    load.problems.push(`cancel of ${id} was answered ${cancelled.status}`)
    return
  }
  load.cancels += 1
  load.note(id, shown.parse(cancelled.body).status, askedAt)
}
