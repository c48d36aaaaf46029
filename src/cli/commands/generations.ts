import { z } from 'zod'
import type { Api } from '../gateway/api.ts'
import { download } from '../gateway/download.ts'
import { CliError, exitCodes, say, sayJson } from '../output/terminal.ts'
import type { ExitCode, Terminal } from '../output/terminal.ts'
import { dollars } from '../output/table.ts'
import { generation } from '../gateway/shapes.ts'
import type { Generation } from '../gateway/shapes.ts'

const page = z.object({ data: z.array(generation), next_cursor: z.string().nullable() })

export interface ListOptions {
  tenant?: string
  key?: string
  status?: string
  attemptState?: string
  upstream?: string
  model?: string
  character?: string
  error?: string
  from?: string
  to?: string
  olderThan?: string
  metadata?: string[]
  words?: string
  attention?: boolean
  oldest?: boolean
  limit: number
  json?: boolean
}

/** `understudy list`: generations of this key's tenant, or of every tenant that the key sees. */
export async function listGenerations(api: Api, terminal: Terminal, options: ListOptions): Promise<ExitCode> {
  const { data } = await api.call('GET', `/generations?${queryOf(options).toString()}`, page)
  if (options.json === true) sayJson(terminal, data)
  else for (const each of data) say(terminal, lineOf(each))
  return exitCodes.fine
}

/** With what may still be charged, and where each attempt is. */
function lineOf({ id, tenant, status, progress, error, attempts, ...money }: Generation): string {
  const { cost_usd: paid, reserved_cost_usd: reserved } = money
  const held = reserved === 0 ? '' : `, ${dollars(reserved)} may still be charged`
  const sent = attempts.map(({ upstream, state, upstream_id: job }) =>
    [upstream, state, job ?? ''].join(' ').trim(),
  )
  return [id, tenant, status, error?.code ?? `${progress} %`, `${dollars(paid)} paid${held}`, ...sent].join(
    '  ',
  )
}

function queryOf(options: ListOptions): URLSearchParams {
  const { metadata = [], attention, oldest, limit } = options
  const query = new URLSearchParams({ limit: String(limit) })
  for (const [name, value] of [
    ['tenant', options.tenant],
    ['key', options.key],
    ['status', options.status],
    ['attempt_state', options.attemptState],
    ['upstream', options.upstream],
    ['model', options.model],
    ['character', options.character],
    ['error', options.error],
    ['created_from', options.from],
    ['created_to', options.to],
    ['older_than_seconds', options.olderThan],
    ['q', options.words],
  ] as const)
    if (value !== undefined) query.set(name, value)
  for (const entry of metadata) {
    const at = entry.indexOf('=')
    if (at < 1) throw new CliError(exitCodes.refused, `--metadata ${entry} is not NAME=VALUE.`)
    query.set(`metadata.${entry.slice(0, at)}`, entry.slice(at + 1))
  }
  if (attention === true) query.set('attention', 'true')
  if (oldest === true) query.set('order', 'oldest')
  return query
}

/** `understudy cancel ID…`: one after another; the first that cannot be cancelled ends it. */
export async function cancelGenerations(
  api: Api,
  terminal: Terminal,
  ids: readonly string[],
): Promise<ExitCode> {
  for (const id of ids) {
    const { status } = await api.call('POST', `/generations/${encodeURIComponent(id)}/cancel`, generation)
    say(terminal, `${id}  ${status}`)
  }
  return exitCodes.fine
}

/** `understudy delete ID…`: with their videos. */
export async function deleteGenerations(
  api: Api,
  terminal: Terminal,
  ids: readonly string[],
): Promise<ExitCode> {
  for (const id of ids) {
    await api.remove(`/generations/${encodeURIComponent(id)}`)
    say(terminal, `${id}  deleted`)
  }
  return exitCodes.fine
}

/** `understudy download ID`: the video that is ready. */
export async function downloadVideo(
  api: Api,
  terminal: Terminal,
  id: string,
  { output }: { output?: string },
): Promise<ExitCode> {
  const file = output ?? `${id}.mp4`
  await download(api, id, file)
  say(terminal, file)
  return exitCodes.fine
}
