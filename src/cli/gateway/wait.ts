import { printable } from '../output/printable.ts'
import { SingleBar } from 'cli-progress'
import type { Api } from './api.ts'
import { isShortOutage } from './keep-trying.ts'
import { generation } from './shapes.ts'
import type { Generation } from './shapes.ts'
import { CliError, exitCodes } from '../output/terminal.ts'
import type { Terminal } from '../output/terminal.ts'

const pollSeconds = 2
const pauseMs = 1000

/** Polls until the generation has ended, with a progress bar on a terminal. Retries during short outages. */
export async function waitFor(
  api: Api,
  terminal: Terminal,
  first: Generation,
  timeoutSeconds: number,
): Promise<Generation> {
  const until = Date.now() + timeoutSeconds * 1000
  const bar = terminal.stderr.isTTY === true ? createBar(terminal) : null
  let current = first
  bar?.start(100, current.progress, { note: printable(current.status) })
  try {
    while (!hasEnded(current)) {
      if (Date.now() >= until)
        throw new CliError(
          exitCodes.timedOut,
          `${first.id} is not finished yet. To follow it, run \`understudy watch ${first.id}\`.`,
        )
      current = await ask(api, current)
      bar?.update(current.progress, { note: printable(current.attempts.at(-1)?.upstream ?? current.status) })
    }
    return current
  } finally {
    bar?.stop()
  }
}

async function ask(api: Api, current: Generation): Promise<Generation> {
  try {
    return await api.call('GET', `/generations/${current.id}?wait=${pollSeconds}`, generation)
  } catch (error) {
    if (!isShortOutage(error)) throw error
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
    return current
  }
}

export function hasEnded({ status }: Pick<Generation, 'status'>): boolean {
  return ['completed', 'failed', 'cancelled'].includes(status)
}

function createBar({ stderr }: Terminal): SingleBar {
  return new SingleBar({
    format: '{bar} {percentage}%  {note}  {duration_formatted}',
    barsize: 30,
    hideCursor: true,
    stream: stderr,
    clearOnComplete: true,
    stopOnComplete: false,
  })
}
