import { openAsBlob } from 'node:fs'
import { basename } from 'node:path'
import { InvalidArgumentError, Option } from 'commander'
import type { Command } from 'commander'
import { CliError, exitCodes } from './output/terminal.ts'

/** The options of `generate` and `route`: what they send is the same. */
export interface RequestOptions {
  model?: string
  duration?: number
  size?: string
  reference?: string
  influence?: number
  priority?: string
  upstream?: string[]
  fallback: boolean
  native?: boolean
  exact?: boolean
  onUnknown?: string
  maxCost?: number
  deadline?: number
  metadata?: Record<string, string>
}

export function number(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Must be a number.')
  return value
}

function metadata(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [name = '', ...value] = text.split('=')
  if (name === '' || value.length === 0) throw new InvalidArgumentError('Must be NAME=VALUE.')
  return { ...before, [name]: value.join('=') }
}

export function withRequestOptions(command: Command): Command {
  return command
    .argument('<prompt>', 'what the video shows; mention characters as @name')
    .option('-m, --model <model>', 'model; default: set by the gateway')
    .option('-d, --duration <seconds>', 'length of the video', number)
    .option('-s, --size <size>', 'WIDTHxHEIGHT, landscape or portrait')
    .option('-r, --reference <file or URL>', 'image or video to follow')
    .option('--influence <0-1>', 'how closely to follow the reference', number)
    .addOption(
      new Option('-p, --priority <what>', 'cheapest first or most stable first').choices([
        'cost',
        'stability',
      ]),
    )
    .option('-u, --upstream <id...>', 'use only these upstreams')
    .option('--no-fallback', 'try only the first upstream')
    .option('--native', 'fail instead of using a character by reference')
    .option('--exact', 'fail instead of rendering a different length')
    .addOption(
      new Option(
        '--on-unknown <what>',
        'what to do after an unknown outcome; with fallback, a video may be paid for twice',
      ).choices(['fail', 'fallback']),
    )
    .option('--max-cost <usd>', 'cost limit for all attempts together', number)
    .option('--deadline <seconds>', 'time limit of the generation', number)
    .option('--metadata <name=value>', 'metadata to store; can be repeated', metadata)
}

/** The body of `POST /generate` and `POST /route`: JSON, or a form where a file goes along. */
export async function requestBody(prompt: string, options: RequestOptions): Promise<object> {
  const routing = present({
    priority: options.priority,
    upstreams: options.upstream,
    fallback: options.fallback ? undefined : false,
    character_fidelity: options.native === true ? 'native' : undefined,
    duration: options.exact === true ? 'exact' : undefined,
    on_unknown: options.onUnknown,
    max_cost_usd: options.maxCost,
    deadline_seconds: options.deadline,
  })
  const { model, duration, size, metadata: data, reference, influence } = options
  const body = present({
    prompt,
    model,
    duration,
    size,
    metadata: data,
    routing: Object.keys(routing).length > 0 ? routing : undefined,
  })
  if (reference === undefined) return body
  if (isUrl(reference)) {
    const isImage = /\.(?:png|jpe?g|webp)(?:$|[?#])/i.test(reference)
    return { ...body, reference: present({ [isImage ? 'image_url' : 'video_url']: reference, influence }) }
  }
  return toForm({ ...body, reference_influence: influence }, 'reference', await fileOf(reference))
}

export function isUrl(text: string): boolean {
  return /^https?:\/\//i.test(text)
}

export interface LocalFile {
  name: string
  content: Blob
}

const contentTypes = new Map([
  ['mp4', 'video/mp4'],
  ['mov', 'video/quicktime'],
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['webp', 'image/webp'],
])

export async function fileOf(path: string): Promise<LocalFile> {
  const name = basename(path)
  const type = contentTypes.get(name.split('.').at(-1)?.toLowerCase() ?? '') ?? 'application/octet-stream'
  try {
    return { name, content: await openAsBlob(path, { type }) }
  } catch (error) {
    throw new CliError(exitCodes.refused, `Cannot read ${path}.`, error)
  }
}

/** A form as the gateway reads it: text as it is, anything else as JSON. */
export function toForm(fields: object, name: string, file: LocalFile): FormData {
  const form = new FormData()
  for (const [field, value] of Object.entries(present(fields)))
    form.set(field, typeof value === 'string' ? value : JSON.stringify(value))
  form.set(name, file.content, file.name)
  return form
}

/** Without the members that nobody said. */
export function present(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
