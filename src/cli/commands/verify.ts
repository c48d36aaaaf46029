import { randomUUID } from 'node:crypto'
import { mkdir, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { z } from 'zod'
import { RefusedError } from '../gateway/api.ts'
import type { Api } from '../gateway/api.ts'
import { download } from '../gateway/download.ts'
import { keepTrying } from '../gateway/keep-trying.ts'
import { confirm } from '../output/confirm.ts'
import { dollars, facts } from '../output/table.ts'
import { CliError, exitCodes, note, say, sayJson } from '../output/terminal.ts'
import type { ExitCode, Terminal } from '../output/terminal.ts'
import { plan } from '../gateway/shapes.ts'
import { checksOf } from '../verify/checks.ts'
import type { Check } from '../verify/checks.ts'
import { fixtureOf } from '../verify/fixture.ts'
import { measure } from '../verify/measure.ts'
import { exchangeList, upstreamList, verified } from '../verify/shapes.ts'
import type { Exchange, Upstream, Verified } from '../verify/shapes.ts'
import { shortestClip } from '../verify/shortest-clip.ts'
import type { Clip } from '../verify/shortest-clip.ts'
import { waitFor } from '../gateway/wait.ts'

export interface VerifyOptions {
  spend: number
  model?: string
  seconds?: number
  out?: string
  yes?: boolean
  timeout: number
  json?: boolean
}

const prompt = 'A paper boat drifts down a rainy street.'

/** What is to be rendered, and what it may cost. */
interface Order {
  upstream: Upstream
  model: string
  clip: Clip
  costUsd: number
  out: string
}

/**
 * `understudy verify`: renders one short clip on one upstream through the gateway and compares what came with the configuration.
 * Everything that can be found out for free is checked before anything is sent.
 */
export async function verify(
  api: Api,
  terminal: Terminal,
  id: string,
  options: VerifyOptions,
): Promise<ExitCode> {
  await mayReadAnswers(api)
  const order = await orderFor(api, id, options)
  const asks = `${id} renders ${described(order.clip)} of ${order.model} for ${dollars(order.costUsd)}.`
  if (options.yes !== true) await confirm(terminal, asks)
  await makeFolder(order.out)
  const ended = await render(api, terminal, order, options).catch(async (error: unknown) => {
    // Stays where something was written to it.
    await rmdir(order.out).catch(() => undefined)
    throw error
  })
  // From here on the clip is paid for, so a busy gateway is waited for.
  const { data } = await keepTrying(
    () => api.call('GET', `/generations/${ended.id}/exchanges`, exchangeList),
    terminal.signal,
  )
  const exchanges = data.flatMap((attempt) => attempt.exchanges)
  const files = await keepTrying(() => keep(api, order, ended, exchanges), terminal.signal)
  const measured = files.video === null ? null : await measure(files.video)
  const checks = checksOf(ended, exchanges, order.clip, measured)
  if (options.json === true)
    sayJson(terminal, { upstream: id, model: order.model, ...order.clip, checks, files, generation: ended })
  else say(terminal, shown(order, ended, checks, files))
  return checks.some(({ result }) => result === 'failed') ? exitCodes.failed : exitCodes.fine
}

/** A key without the scope would find out after it has paid. No generation has this ID. */
async function mayReadAnswers(api: Api): Promise<void> {
  try {
    await api.call('GET', `/generations/gen_${'0'.repeat(26)}/exchanges`, z.unknown())
  } catch (error) {
    if (!(error instanceof RefusedError) || error.status !== 404) throw error
  }
}

async function orderFor(api: Api, id: string, options: VerifyOptions): Promise<Order> {
  const { data } = await api.call('GET', '/upstreams', upstreamList)
  const upstream = data.find((each) => each.id === id)
  if (upstream === undefined)
    throw refused(`There is no upstream ${id}. Known: ${data.map((each) => each.id).join(', ')}.`)
  const model = options.model ?? upstream.models[0]
  const clip = shortestClip(upstream, options.seconds ?? null)
  if (model === undefined || clip === null) throw refused(`${id} offers no video without inputs.`)
  const order = { upstream, model, clip, costUsd: 0, out: options.out ?? `verify-${id}` }
  const route = await api.call('POST', '/route', plan, { body: bodyOf(order, null) })
  const costUsd = route.worst_case_cost_usd
  if (costUsd > options.spend)
    throw refused(
      `The shortest clip, ${described(clip)}, costs ${dollars(costUsd)}, more than --spend ${dollars(options.spend)}. Nothing was sent.`,
    )
  return { ...order, costUsd }
}

function bodyOf({ upstream, model, clip }: Order, spendUsd: number | null): object {
  return {
    prompt,
    model,
    duration: clip.duration,
    ...(clip.size !== null && { size: clip.size }),
    routing: {
      upstreams: [upstream.id],
      fallback: false,
      duration: 'exact',
      ...(spendUsd !== null && { max_cost_usd: spendUsd }),
    },
  }
}

async function makeFolder(out: string): Promise<void> {
  try {
    await mkdir(out)
  } catch (error) {
    throw new CliError(
      exitCodes.refused,
      `The folder ${out} exists or cannot be made. Choose another with --out.`,
      error,
    )
  }
}

async function render(
  api: Api,
  terminal: Terminal,
  order: Order,
  { spend, timeout }: VerifyOptions,
): Promise<Verified> {
  // With the same key, a repeated request finds the first one.
  const headers = { 'idempotency-key': randomUUID() }
  const body = bodyOf(order, spend)
  const send = () => api.call('POST', '/generate', verified, { body, headers })
  const accepted = await keepTrying(send, terminal.signal)
  note(terminal, `${accepted.id}: sent to ${order.upstream.id} for ${dollars(order.costUsd)}`)
  const { id } = await waitFor(api, terminal, accepted, timeout)
  return keepTrying(() => api.call('GET', `/generations/${id}`, verified), terminal.signal)
}

interface Files {
  answers: string
  video: string | null
}

async function keep(api: Api, order: Order, ended: Verified, exchanges: readonly Exchange[]): Promise<Files> {
  const answers = join(order.out, 'answers.yaml')
  const video = ended.video === null ? null : join(order.out, 'video.mp4')
  await writeFile(answers, stringify(fixtureOf(prompt, order.clip, exchanges), { lineWidth: 0 }))
  if (video !== null) await download(api, ended.id, video)
  return { answers, video }
}

function shown(order: Order, ended: Verified, checks: readonly Check[], files: Files): string {
  const { upstream, model, clip } = order
  const rows = checks.map(({ name, result, detail }) => [name, `${result.padEnd(7)}  ${detail}`] as const)
  const notes = ended.warnings.filter(({ code }) => code !== 'cost_differs')
  const saved = [files.video, files.answers].filter((each) => each !== null)
  return [
    `${upstream.id}: ${model}, ${described(clip)}, ${dollars(ended.cost_usd)}`,
    facts(rows),
    ...notes.map(({ detail }) => `Note: ${detail}`),
    `Saved ${saved.join(' and ')}.`,
  ].join('\n')
}

function described({ duration, size }: Clip): string {
  return `${duration} s${size === null ? '' : ` of ${size}`}`
}

function refused(message: string): CliError {
  return new CliError(exitCodes.refused, message)
}
