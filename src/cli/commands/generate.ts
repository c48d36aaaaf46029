import type { Api } from '../gateway/api.ts'
import { download } from '../gateway/download.ts'
import { requestBody } from '../request.ts'
import type { RequestOptions } from '../request.ts'
import { generation, plan } from '../gateway/shapes.ts'
import type { Generation } from '../gateway/shapes.ts'
import { showGeneration, showPlan } from '../output/show.ts'
import { exitCodes, note, say, sayJson } from '../output/terminal.ts'
import type { ExitCode, Terminal } from '../output/terminal.ts'
import { waitFor } from '../gateway/wait.ts'

export interface GenerateOptions extends RequestOptions {
  wait?: boolean
  output?: string
  timeout: number
  json?: boolean
}

/** `understudy generate`: requests a video and, with `--wait` or `-o`, waits until it has ended. */
export async function generate(
  api: Api,
  terminal: Terminal,
  prompt: string,
  options: GenerateOptions,
): Promise<ExitCode> {
  const accepted = await api.call('POST', '/generate', generation, {
    body: await requestBody(prompt, options),
  })
  const follows = options.wait === true || options.output !== undefined
  if (!follows) {
    if (options.json === true) sayJson(terminal, accepted)
    else
      say(
        terminal,
        `${accepted.id}\n${expectation(accepted)}. To follow it, run \`understudy watch ${accepted.id}\`.`,
      )
    return exitCodes.fine
  }
  // Shown before the wait, so that the generation can be found after an interruption.
  note(terminal, `${accepted.id}: ${expectation(accepted)}`)
  const ended = await waitFor(api, terminal, accepted, options.timeout)
  if (options.json === true) sayJson(terminal, ended)
  else say(terminal, showGeneration(ended))
  if (ended.status !== 'completed') return exitCodes.noVideo
  if (options.output !== undefined) {
    await download(api, ended.id, options.output)
    note(terminal, `Saved to ${options.output}.`)
  }
  return exitCodes.fine
}

function expectation({ route: { candidates, estimated_cost_usd: cost } }: Generation): string {
  const first = candidates[0]?.upstream
  return first === undefined ? 'Waiting for an upstream' : `Sending to ${first} for about $${cost.toFixed(2)}`
}

/** `understudy route`: previews the route of a request, with reasons. Sends nothing to upstreams. */
export async function route(
  api: Api,
  terminal: Terminal,
  prompt: string,
  options: RequestOptions & { json?: boolean },
): Promise<ExitCode> {
  const made = await api.call('POST', '/route', plan, { body: await requestBody(prompt, options) })
  if (options.json === true) sayJson(terminal, made)
  else say(terminal, showPlan(made))
  return exitCodes.fine
}
