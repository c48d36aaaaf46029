import type { Api } from '../gateway/api.ts'
import { toForm } from '../request.ts'
import { fileOf, formOf, isUrl, present } from '../values.ts'
import { character, characterPage, characterStills } from '../gateway/shapes.ts'
import type { Character } from '../gateway/shapes.ts'
import { showCharacter, showCharacters, showStills } from '../output/show.ts'
import { CliError, exitCodes, say, sayJson } from '../output/terminal.ts'
import type { ExitCode, Terminal } from '../output/terminal.ts'

export interface CreateOptions {
  video?: string
  picture?: string[]
  generation?: string
  description?: string
  clip?: string
  json?: boolean
}

/** `understudy characters create`: from a file, a URL, a finished generation or pictures. */
export async function createCharacter(
  api: Api,
  terminal: Terminal,
  name: string,
  options: CreateOptions,
): Promise<ExitCode> {
  const { video, picture, generation, description, json } = options
  if ([video, picture, generation].filter((source) => source !== undefined).length !== 1)
    throw new CliError(exitCodes.refused, 'Specify exactly one of --video, --generation and --picture.')
  const fields = { name, description, clip: spanOf(options.clip) }
  const body =
    picture !== undefined
      ? await pictured(fields, picture)
      : video === undefined || isUrl(video)
        ? present({ ...fields, video_url: video, generation_id: generation })
        : toForm(fields, 'video', await fileOf(video))
  return show(terminal, await api.call('POST', '/characters', character, { body }), json)
}

/** `understudy characters stills`: shows them, or replaces them by pictures. */
export async function stillsOf(
  api: Api,
  terminal: Terminal,
  name: string,
  { picture, json }: { picture?: string[]; json?: boolean },
): Promise<ExitCode> {
  const path = `/characters/${encodeURIComponent(name.replace(/^@/, ''))}/stills`
  const found =
    picture === undefined
      ? await api.call('GET', path, characterStills)
      : await api.call('PUT', path, characterStills, { body: await pictured({}, picture) })
  if (json === true) sayJson(terminal, found)
  else say(terminal, showStills(found))
  return exitCodes.fine
}

/** URLs as JSON, files as a form. */
async function pictured(fields: object, pictures: readonly string[]): Promise<object> {
  const urls = pictures.filter(isUrl)
  if (urls.length === pictures.length)
    return present({ ...fields, pictures: urls.map((url) => ({ image_url: url })) })
  if (urls.length > 0)
    throw new CliError(exitCodes.refused, 'Specify only files or only URLs with --picture.')
  const form = formOf(fields)
  for (const path of pictures) {
    const { name, content } = await fileOf(path)
    form.append('pictures', content, name)
  }
  return form
}

export async function showOne(
  api: Api,
  terminal: Terminal,
  name: string,
  { json }: { json?: boolean },
): Promise<ExitCode> {
  const path = `/characters/${encodeURIComponent(name.replace(/^@/, ''))}`
  return show(terminal, await api.call('GET', path, character), json)
}

/** Reads all pages, because there are rarely many characters. */
export async function listCharacters(
  api: Api,
  terminal: Terminal,
  { search, json }: { search?: string; json?: boolean },
): Promise<ExitCode> {
  const found: Character[] = []
  const query = new URLSearchParams({ limit: '100', ...(search !== undefined && { search }) })
  for (;;) {
    const page = await api.call('GET', `/characters?${query.toString()}`, characterPage)
    found.push(...page.data)
    if (!page.has_more || page.next_cursor === null) break
    query.set('cursor', page.next_cursor)
  }
  if (json === true) sayJson(terminal, found)
  else say(terminal, showCharacters(found))
  return exitCodes.fine
}

function show(terminal: Terminal, found: Character, json: boolean | undefined): ExitCode {
  if (json === true) sayJson(terminal, found)
  else say(terminal, showCharacter(found))
  return exitCodes.fine
}

function spanOf(text: string | undefined): { start: number; end: number } | undefined {
  if (text === undefined) return undefined
  const [, start, end] = /^([\d.]+)-([\d.]+)$/.exec(text) ?? []
  if (start === undefined || end === undefined)
    throw new CliError(exitCodes.refused, '--clip must be a range in seconds, such as 1.5-4.')
  return { start: Number(start), end: Number(end) }
}
