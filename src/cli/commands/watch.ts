import { setTimeout as pause } from 'node:timers/promises'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import type { Api } from '../gateway/api.ts'
import { event, generation } from '../gateway/shapes.ts'
import type { Event, Generation } from '../gateway/shapes.ts'
import { showGeneration } from '../output/show.ts'
import { CliError, exitCodes, note, say } from '../output/terminal.ts'
import type { ExitCode, Terminal } from '../output/terminal.ts'
import { hasEnded } from '../gateway/wait.ts'

const pauseMs = 1000

/** Far longer than any event of the gateway. Limits the memory used by a stream without line breaks. */
const maxEventCharacters = 1_000_000

/** `understudy watch`: prints the history of a generation and follows it until it ends. Resumes an interrupted stream. */
export async function watch(
  api: Api,
  terminal: Terminal,
  id: string,
  { json = false }: { json?: boolean },
): Promise<ExitCode> {
  let last = '0'
  const tell = (seen: Event, data: string): void => {
    last = String(seen.seq)
    say(terminal, json ? data : lineOf(seen))
  }
  for (;;) {
    const ended = await followOnce(api, terminal, {
      path: `/generations/${encodeURIComponent(id)}`,
      last,
      tell,
    })
    if (ended !== null) {
      if (!json) say(terminal, `\n${showGeneration(ended)}`)
      return ended.status === 'completed' ? exitCodes.fine : exitCodes.noVideo
    }
    await pause(pauseMs, undefined, { signal: terminal.signal })
  }
}

/**
 * Prints the events after `last` until the stream ends. Returns the generation if it has ended, null if the stream was
 * interrupted.
 */
async function followOnce(
  api: Api,
  terminal: Terminal,
  { path, last, tell }: { path: string; last: string; tell: (seen: Event, data: string) => void },
): Promise<Generation | null> {
  try {
    const response = await api.open(`${path}/events`, { 'last-event-id': last, accept: 'text/event-stream' })
    for await (const data of dataOf(response)) tell(event.parse(JSON.parse(data)), data)
    const current = await api.call('GET', path, generation)
    return hasEnded(current) ? current : null
  } catch (error) {
    terminal.signal.throwIfAborted()
    if (error instanceof CliError && error.exitCode === exitCodes.unreachable) {
      note(terminal, `${error.message} Retrying.`)
      return null
    }
    // The error that `fetch` throws for an interrupted connection.
    if (error instanceof TypeError) return null
    throw error
  }
}

/** The `data` of each event, as it arrives. */
async function* dataOf({ body }: Response): AsyncGenerator<string> {
  if (body === null) return
  const events = body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream({ maxBufferSize: maxEventCharacters }))
  for await (const { data } of events) yield data
}

const told = ['upstream', 'progress', 'code', 'message', 'cost_usd']

function lineOf(seen: Event): string {
  const details = told.flatMap((name) => {
    const value = seen[name]
    if (typeof value === 'number') return [name === 'progress' ? `${value} %` : `$${value.toFixed(2)}`]
    return typeof value === 'string' ? [value] : []
  })
  return `${seen.at.slice(11, 19)}  ${seen.type.padEnd(24)}  ${details.join('  ')}`.trimEnd()
}
