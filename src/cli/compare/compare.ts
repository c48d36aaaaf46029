import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { RefusedError } from '../gateway/api.ts'
import type { Api } from '../gateway/api.ts'
import { isShortOutage, keepTrying } from '../gateway/keep-trying.ts'
import { plan } from '../gateway/shapes.ts'
import { confirm } from '../output/confirm.ts'
import { dollars } from '../output/table.ts'
import { CliError, exitCodes, note, say, sayJson } from '../output/terminal.ts'
import type { ExitCode, Terminal } from '../output/terminal.ts'
import { present } from '../values.ts'
import { comparison } from './comparison-shapes.ts'
import type { Comparison } from './comparison-shapes.ts'
import { showComparison, showCosts } from './show-comparison.ts'
import type { UpstreamCost } from './show-comparison.ts'

export interface CompareOptions {
  upstream: string[]
  runs: number
  model?: string
  duration: number
  size?: string
  maxCost?: number
  sheet?: string
  yes?: boolean
  timeout: number
  json?: boolean
}

const pollMs = 2000

/**
 * `understudy compare`: renders the same scenes with one character on several upstreams. The worst case is shown, and agreed
 * to, before anything is sent, and it is the limit of the comparison.
 */
export async function compare(
  api: Api,
  terminal: Terminal,
  character: string,
  scenes: string[],
  options: CompareOptions,
): Promise<ExitCode> {
  const costs = await costsOf(api, scenes, options)
  const worstUsd = costs.reduce((sum, each) => sum + each.worstUsd, 0)
  const order = showCosts(costs, worstUsd)
  if (options.maxCost !== undefined && worstUsd > options.maxCost)
    throw new CliError(
      exitCodes.refused,
      `${order}\n\nThe worst case is more than --max-cost ${dollars(options.maxCost)}. Nothing was sent.`,
    )
  if (options.yes === true) note(terminal, order)
  else await confirm(terminal, order)
  const body = present({
    character: character.replace(/^@/, ''),
    scenes,
    runs: options.runs,
    upstreams: options.upstream,
    model: options.model,
    duration: options.duration,
    size: options.size,
    max_cost_usd: worstUsd,
  })
  // With the same key, a repeated request finds the first one.
  const headers = { 'idempotency-key': randomUUID() }
  const send = () => api.call('POST', '/comparisons', comparison, { body, headers })
  const { id } = await keepTrying(send, terminal.signal)
  note(terminal, `${id}: sent`)
  const ended = await waitForAll(api, terminal, id, options.timeout)
  const sheet = options.sheet ?? `${id}.html`
  await keepTrying(() => saveSheet(api, id, sheet), terminal.signal)
  if (options.json === true) sayJson(terminal, ended)
  else say(terminal, showComparison(ended))
  note(terminal, `Saved the contact sheet to ${sheet}. To score the videos: ${ended.sheet_url}`)
  return ended.table.every(({ delivered, videos }) => delivered === videos)
    ? exitCodes.fine
    : exitCodes.noVideo
}

/** By the same routes that the comparison takes: each video on one upstream alone. */
async function costsOf(
  api: Api,
  scenes: readonly string[],
  { upstream: upstreams, runs, model, duration, size = 'landscape' }: CompareOptions,
): Promise<UpstreamCost[]> {
  const costs: UpstreamCost[] = []
  for (const upstream of upstreams) {
    let micros = 0
    for (const [index, prompt] of scenes.entries()) {
      const routing = { upstreams: [upstream], fallback: false }
      const body = present({ prompt, model, duration, size, routing })
      const { worst_case_cost_usd: usd } = await api
        .call('POST', '/route', plan, { body })
        .catch((error: unknown) => {
          if (!(error instanceof RefusedError)) throw error
          throw new CliError(error.exitCode, `Scene ${index + 1} on ${upstream}: ${error.message}`, error)
        })
      // In whole micro-dollars, as the gateway adds up.
      micros += Math.round(usd * 1e6)
    }
    costs.push({ upstream, videos: scenes.length * runs, worstUsd: (micros * runs) / 1e6 })
  }
  return costs
}

async function waitForAll(
  api: Api,
  terminal: Terminal,
  id: string,
  timeoutSeconds: number,
): Promise<Comparison> {
  const until = Date.now() + timeoutSeconds * 1000
  for (;;) {
    const found = await askFor(api, id)
    if (found?.status === 'completed') return found
    if (Date.now() >= until)
      throw new CliError(exitCodes.timedOut, `${id} is not finished yet. It continues on the gateway.`)
    await pause(pollMs, undefined, { signal: terminal.signal })
  }
}

async function askFor(api: Api, id: string): Promise<Comparison | null> {
  try {
    return await api.call('GET', `/comparisons/${id}`, comparison)
  } catch (error) {
    if (!isShortOutage(error)) throw error
    return null
  }
}

/** As a picture if the file is to be one, else as a page. */
async function saveSheet(api: Api, id: string, file: string): Promise<void> {
  const name = /\.png$/i.test(file) ? 'sheet.png' : 'sheet'
  const response = await api.open(`/comparisons/${id}/${name}`)
  const bytes = Buffer.from(await response.arrayBuffer())
  try {
    await writeFile(file, bytes)
  } catch (error) {
    throw new CliError(exitCodes.failed, `Cannot write ${file}. The comparison is ${id}.`, error)
  }
}
