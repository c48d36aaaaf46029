import { z } from 'zod'
import type { Api } from '../gateway/api.ts'
import { download } from '../gateway/download.ts'
import { exitCodes, say, sayJson } from '../output/terminal.ts'
import type { ExitCode, Terminal } from '../output/terminal.ts'
import { generation } from '../gateway/shapes.ts'

const page = z.object({ data: z.array(generation), next_cursor: z.string().nullable() })

export interface ListOptions {
  status?: string
  limit: number
  json?: boolean
}

/** `understudy list`: the newest generations of this key's tenant. */
export async function listGenerations(
  api: Api,
  terminal: Terminal,
  { status, limit, json }: ListOptions,
): Promise<ExitCode> {
  const query = new URLSearchParams({ limit: String(limit), ...(status !== undefined && { status }) })
  const { data } = await api.call('GET', `/generations?${query.toString()}`, page)
  if (json === true) sayJson(terminal, data)
  else for (const { id, status: state, progress } of data) say(terminal, `${id}  ${state}  ${progress} %`)
  return exitCodes.fine
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
