import { InvalidArgumentError } from 'commander'
import type { Command } from 'commander'
import { fileOf, isUrl, number, present } from './values.ts'
import type { LocalFile } from './values.ts'

/** The frames, references and settings of `generate` and `route`. */
export interface InputOptions {
  firstFrame?: string
  lastFrame?: string
  input?: AskedInput[]
  audio?: boolean
  seed?: number
  negativePrompt?: string
  resolution?: string
  aspectRatio?: string
  option?: Record<string, Record<string, string | number | boolean>>
}

interface AskedInput {
  role: string | undefined
  from: string
}

const roles = ['subject', 'style', 'motion', 'voice', 'scene']

function input(text: string, before: AskedInput[] = []): AskedInput[] {
  const [, role, from] = /^(\w+)=(.+)$/.exec(text) ?? []
  const isRole = role !== undefined && roles.includes(role)
  return [...before, { role: isRole ? role : undefined, from: isRole && from !== undefined ? from : text }]
}

function option(text: string, before: NonNullable<InputOptions['option']> = {}) {
  const [, upstream, name, value] = /^([\w.-]+)\.(\w+)=(.*)$/.exec(text) ?? []
  if (upstream === undefined || name === undefined || value === undefined)
    throw new InvalidArgumentError('Must be UPSTREAM.NAME=VALUE.')
  return { ...before, [upstream]: { ...before[upstream], [name]: scalar(value) } }
}

/** Parses `true`, `false` and numbers. Anything else, and anything in quotes, is text. */
function scalar(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return Number(text)
  return /^".*"$/.test(text) ? text.slice(1, -1) : text
}

export function withInputOptions(command: Command): Command {
  return command
    .option('--first-frame <file or URL>', 'image the video starts with')
    .option('--last-frame <file or URL>', 'image the video ends with')
    .option(
      '-i, --input <[role=]file or URL>',
      `reference, with its role: ${roles.join(', ')}; can be repeated`,
      input,
    )
    .option('--audio', 'video with sound')
    .option('--no-audio', 'video without sound')
    .option('--seed <number>', 'seed for a repeatable result', number)
    .option('--negative-prompt <text>', 'what the video must not show')
    .option('--resolution <resolution>', 'such as 720p or 4k; not with --size')
    .option('--aspect-ratio <ratio>', 'such as 16:9, or auto to follow the first frame; not with --size')
    .option('-O, --option <upstream.name=value>', 'option of one upstream; can be repeated', option)
}

export interface InputParts {
  /** Members of a JSON body. */
  body: Record<string, unknown>
  /** Files to send in a form, with the names of their parts. */
  files: Array<{ part: string; file: LocalFile }>
}

/** The inputs as members of the request and, for local files, as parts of a form. */
export async function inputParts(options: InputOptions): Promise<InputParts> {
  const files: InputParts['files'] = []
  const frame = async (part: string, from: string | undefined) => {
    if (from === undefined) return undefined
    if (isUrl(from)) return { image_url: from }
    files.push({ part, file: await fileOf(from) })
    return undefined
  }
  const references: Array<Record<string, unknown>> = []
  for (const [index, { role, from }] of (options.input ?? []).entries()) {
    if (isUrl(from)) {
      references.push(present({ [memberOf(from)]: from, role }))
      continue
    }
    const { name, content } = await fileOf(from)
    // Numbered, because files of different folders may have the same name.
    const file = { name: `${index + 1}-${name}`, content }
    files.push({ part: 'files', file })
    references.push(present({ file: file.name, role }))
  }
  const body = present({
    first_frame: await frame('first_frame', options.firstFrame),
    last_frame: await frame('last_frame', options.lastFrame),
    references: references.length > 0 ? references : undefined,
    audio: options.audio,
    seed: options.seed,
    negative_prompt: options.negativePrompt,
    resolution: options.resolution,
    aspect_ratio: options.aspectRatio,
    options: options.option,
  })
  return { body, files }
}

function memberOf(url: string): string {
  if (/\.(?:png|jpe?g|webp)(?:$|[?#])/i.test(url)) return 'image_url'
  return /\.(?:mp3|wav|m4a)(?:$|[?#])/i.test(url) ? 'audio_url' : 'video_url'
}
