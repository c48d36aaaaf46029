import { InvalidArgumentError, Option } from 'commander'
import type { Command } from 'commander'
import { inputParts, withInputOptions } from './inputs.ts'
import type { InputOptions, InputParts } from './inputs.ts'
import { fileOf, formOf, isPicture, isUrl, number, present } from './values.ts'
import type { LocalFile } from './values.ts'

/** The options of `generate` and `route`, which send the same request. */
export interface RequestOptions extends InputOptions {
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

function metadata(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [name = '', ...value] = text.split('=')
  if (name === '' || value.length === 0) throw new InvalidArgumentError('Must be NAME=VALUE.')
  return { ...before, [name]: value.join('=') }
}

export function withRequestOptions(command: Command): Command {
  return withInputOptions(command)
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

/** The body of `POST /generate` and `POST /route`: JSON, or a form if there are local files. */
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
  const inputs = await inputParts(options)
  const body = present({
    prompt,
    model,
    duration,
    size,
    metadata: data,
    routing: Object.keys(routing).length > 0 ? routing : undefined,
    ...inputs.body,
  })
  if (inputs.files.length > 0) return formWithInputs(body, inputs, { reference, influence })
  if (reference === undefined) return body
  if (isUrl(reference)) {
    const member = isPicture(reference) ? 'image_url' : 'video_url'
    return { ...body, reference: present({ [member]: reference, influence }) }
  }
  return toForm({ ...body, reference_influence: influence }, 'reference', await fileOf(reference))
}

/** In a form, frames and the reference are files, or URLs in parts of their own. */
async function formWithInputs(
  body: Record<string, unknown>,
  { files }: InputParts,
  { reference, influence }: { reference: string | undefined; influence: number | undefined },
): Promise<FormData> {
  const { first_frame: first, last_frame: last, ...fields } = body
  const isFile = reference !== undefined && !isUrl(reference)
  const form = formOf({
    ...fields,
    first_frame_image_url: urlIn(first),
    last_frame_image_url: urlIn(last),
    reference_influence: influence,
    ...(reference !== undefined &&
      !isFile && { [isPicture(reference) ? 'reference_image_url' : 'reference_video_url']: reference }),
  })
  for (const { part, file } of files) form.append(part, file.content, file.name)
  if (isFile) {
    const file = await fileOf(reference)
    form.set('reference', file.content, file.name)
  }
  return form
}

function urlIn(frame: unknown): unknown {
  return typeof frame === 'object' && frame !== null ? Reflect.get(frame, 'image_url') : undefined
}

/** A form in the format of the gateway: text as is, anything else as JSON. */
export function toForm(fields: object, name: string, file: LocalFile): FormData {
  const form = formOf(fields)
  form.set(name, file.content, file.name)
  return form
}
