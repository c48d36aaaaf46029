import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import type { RelayCase } from './cases.ts'
import { gatewayKey } from './stage.ts'
import type { Stage } from './stage.ts'

/** What became of one case, on both sides of the bill. */
export interface Observation {
  status: string
  /** The reason of a failure. */
  code: string | null
  generations: number
  renders: string[]
  /** What the gateway has settled and holds for what it cannot know. */
  ledgerUsd: number
  billUsd: number
}

const generationShape = z.object({
  prompt: z.string(),
  cost_usd: z.number(),
  reserved_cost_usd: z.number(),
})
const pageShape = z.object({ data: z.array(generationShape) })

/** Rendering takes less than half a second here; a slow answer three. */
const settleMs = 15_000

/** What was made of this prompt: by the gateway's books and by the simulator's. */
export async function observe(
  stage: Stage,
  prompt: string,
  ended: { status: string; code: string | null },
): Promise<Observation> {
  const { control } = stage.simulator
  const deadline = Date.now() + settleMs
  while (control.renders().some(({ endedAt }) => endedAt === null) && Date.now() < deadline) await pause(100)
  const { data } = pageShape.parse(await askGateway(stage, '/generations?limit=100'))
  const own = data.filter((generation) => generation.prompt === prompt)
  const micros = own.reduce(
    (sum, each) => sum + Math.round((each.cost_usd + each.reserved_cost_usd) * 1e6),
    0,
  )
  return {
    ...ended,
    generations: own.length,
    renders: control.renders().map(({ upstream }) => upstream),
    ledgerUsd: micros / 1e6,
    billUsd: control.bill().totalUsd,
  }
}

/** What is not as it has to be; empty when all is. */
export function violationsOf(wanted: RelayCase, seen: Observation): string[] {
  return [
    ...(seen.status === wanted.status ? [] : [`it ended as ${seen.status}, not ${wanted.status}`]),
    ...(seen.generations === 1 ? [] : [`${seen.generations} generations`]),
    ...(seen.renders.join() === wanted.renders.join()
      ? []
      : [`rendered by ${seen.renders.join(' and ') || 'nobody'}, not ${wanted.renders.join() || 'nobody'}`]),
    // A job that failed at the vendor was not billed, and the gateway knows it.
    ...(seen.ledgerUsd === seen.billUsd
      ? []
      : [`the ledger says ${seen.ledgerUsd}, the bill ${seen.billUsd}`]),
  ]
}

export async function askGateway(stage: Stage, path: string, body?: object): Promise<unknown> {
  return (await call(`${stage.gateway}${path}`, gatewayKey, body)).json()
}

/** A call that has to succeed. */
export async function call(
  url: string,
  key: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Response> {
  const response = await fetch(url, {
    headers: {
      authorization: `Bearer ${key}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  })
  if (!response.ok) throw new RefusedCallError(response.status, await response.text())
  return response
}

export class RefusedCallError extends Error {
  override readonly name = 'RefusedCallError'
  constructor(status: number, text: string) {
    super(`answered ${status}: ${text.slice(0, 500)}`)
  }
}
