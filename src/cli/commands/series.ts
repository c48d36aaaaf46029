import { basename, extname, join } from 'node:path'
import { RefusedError } from '../gateway/api.ts'
import type { Api } from '../gateway/api.ts'
import { showSeries, showSeriesList, showSeriesPlan } from '../output/show-series.ts'
import { CliError, exitCodes, note, say, sayJson } from '../output/terminal.ts'
import type { ExitCode, Terminal } from '../output/terminal.ts'
import { replaceFile } from '../series/durable-file.ts'
import { follow } from '../series/follow.ts'
import { openSeries, withPlaces } from '../series/open-series.ts'
import { createProgress } from '../series/progress.ts'
import { retrySeries } from '../series/retry-series.ts'
import { checkFolder } from '../series/saved-series.ts'
import { readScenesFile } from '../series/scenes-file.ts'
import type { ScenesFile } from '../series/scenes-file.ts'
import { createVideos } from '../series/videos.ts'
import { manifest, series as seriesShape, seriesPage, seriesPlan } from '../gateway/shapes.ts'
import type { Series } from '../gateway/shapes.ts'

export interface SeriesOptions {
  out?: string
  new?: boolean
  retry?: boolean
  route?: boolean
  timeout: number
  json?: boolean
}

/** `understudy series FILE`: renders the scenes of a file and saves their videos. */
export async function renderSeries(
  api: Api,
  terminal: Terminal,
  path: string,
  options: SeriesOptions,
): Promise<ExitCode> {
  const file = await readScenesFile(path)
  if (options.route === true) return routeSeries(api, terminal, file, options)
  const folder = options.out ?? basename(path, extname(path))
  await checkFolder(folder)
  const again = `understudy series ${shown(path)} --out ${shown(folder)}`
  let opened: Series | null = null
  try {
    opened = await openSeries(api, terminal, { folder, file, isAnother: options.new === true })
    note(terminal, `${opened.id}: ${opened.scenes.length} scenes, videos go to ${folder}`)
    if (options.retry === true) opened = await retrySeries(api, terminal, folder, opened)
    return await followToEnd(api, terminal, { opened, folder, again, options })
  } catch (error) {
    if (!terminal.signal.aborted) throw error
    note(terminal, interruption(opened?.id ?? null, again))
    return exitCodes.interrupted
  }
}

/** `--route`: previews the route of each scene and the total cost. Sends nothing to upstreams. */
async function routeSeries(
  api: Api,
  terminal: Terminal,
  file: ScenesFile,
  { json }: SeriesOptions,
): Promise<ExitCode> {
  const plan = await api
    .call('POST', '/series/route', seriesPlan, { body: file.body })
    .catch((error: unknown) => {
      throw error instanceof RefusedError ? withPlaces(error, file) : error
    })
  if (json === true) sayJson(terminal, plan)
  else say(terminal, showSeriesPlan(plan))
  return exitCodes.fine
}

async function followToEnd(
  api: Api,
  terminal: Terminal,
  {
    opened,
    folder,
    again,
    options,
  }: { opened: Series; folder: string; again: string; options: SeriesOptions },
): Promise<ExitCode> {
  const { timeout, json } = options
  const progress = createProgress(terminal)
  const videos = createVideos(api, folder, (name) => progress.tell(`saved ${join(folder, name)}`))
  const { signal } = terminal
  const until = Date.now() + timeout * 1000
  const ended = await follow(api, opened, { progress, videos, until, signal }).finally(() => progress.stop())
  if (ended === null)
    throw new CliError(exitCodes.timedOut, `${opened.id} is not finished yet. To continue, run \`${again}\`.`)
  const about = await api.call('GET', `/series/${ended.id}/manifest`, manifest)
  await replaceFile(join(folder, 'manifest.json'), `${JSON.stringify(about, null, 2)}\n`)
  if (json === true) sayJson(terminal, withFiles(ended, folder, videos.files))
  else say(terminal, showSeries(ended, videos))
  if (videos.failures.size > 0) return exitCodes.failed
  if (ended.status === 'completed') return exitCodes.fine
  if (ended.status === 'failed') note(terminal, `To send failed scenes again, run \`${again} --retry\`.`)
  return exitCodes.noVideo
}

function withFiles(series: Series, folder: string, files: ReadonlyMap<number, string>): object {
  const scenes = series.scenes.map((scene) => {
    const name = files.get(scene.number)
    return { ...scene, file: name === undefined ? null : join(folder, name) }
  })
  return { ...series, scenes }
}

function interruption(id: string | null, again: string): string {
  const lines = [`Interrupted. To continue, run \`${again}\`: it never creates a second series.`]
  if (id !== null)
    lines.push(`${id} continues on the gateway. To cancel it, run \`understudy series cancel ${id}\`.`)
  return lines.join('\n')
}

/** Quoted for a shell. */
function shown(word: string): string {
  return /^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}

/** `understudy series show`. */
export async function showOneSeries(
  api: Api,
  terminal: Terminal,
  id: string,
  { json }: { json?: boolean },
): Promise<ExitCode> {
  const found = await api.call('GET', `/series/${encodeURIComponent(id)}`, seriesShape)
  if (json === true) sayJson(terminal, found)
  else say(terminal, showSeries(found))
  return exitCodes.fine
}

/** `understudy series cancel`. */
export async function cancelSeries(
  api: Api,
  terminal: Terminal,
  id: string,
  { json }: { json?: boolean },
): Promise<ExitCode> {
  const found = await api.call('POST', `/series/${encodeURIComponent(id)}/cancel`, seriesShape)
  if (json === true) sayJson(terminal, found)
  else say(terminal, showSeries(found))
  return exitCodes.fine
}

/** `understudy series list`: the newest series. */
export async function listSeries(
  api: Api,
  terminal: Terminal,
  { status, json }: { status?: string; json?: boolean },
): Promise<ExitCode> {
  const query = new URLSearchParams({ limit: '100', ...(status !== undefined && { status }) })
  const page = await api.call('GET', `/series?${query.toString()}`, seriesPage)
  if (json === true) sayJson(terminal, page.data)
  else say(terminal, showSeriesList(page.data))
  if (page.has_more) note(terminal, 'Only the newest 100 are shown.')
  return exitCodes.fine
}
