import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'

export interface Answers {
  /** Answers below 400. */
  perSecond: number
  count: number
  /** Answers from 400 on, and requests that had none. */
  failed: number
  /** Milliseconds. */
  p50: number
  p99: number
}

/** What is asked for without pause: one request again and again, or each of some in turn. */
export interface Asked {
  method: 'GET' | 'POST'
  headers: Record<string, string>
  body?: string
  paths: readonly string[]
}

const Summary = z.object({
  requests: z.number(),
  micros: z.number(),
  failed: z.number(),
  p50: z.number(),
  p99: z.number(),
})

const lua = (text: string): string => `[==[${text}]==]`

/** Requests are made once, before the first is sent, so that the generator takes as little CPU time as it can. */
function scriptOf({ method, headers, body, paths }: Asked): string {
  return `wrk.method = ${lua(method)}
${Object.entries(headers)
  .map(([name, value]) => `wrk.headers[ ${lua(name)} ] = ${lua(value)}`)
  .join('\n')}
${body === undefined ? '' : `wrk.body = ${lua(body)}`}
local paths = { ${paths.map(lua).join(', ')} }
local requests = {}
local last = 0
function init()
  for at, path in ipairs(paths) do requests[at] = wrk.format(nil, path) end
end
function request()
  last = last % #requests + 1
  return requests[last]
end
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format('{"requests":%d,"micros":%d,"failed":%d,"p50":%d,"p99":%d}\\n',
    summary.requests, summary.duration,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
`
}

const run = promisify(execFile)

/**
 * Sends without pause from `connections` connections, shared equally among the addresses. One process of wrk for each address,
 * which is cheap enough to leave both cores to the servers. Needs Debian's package `wrk`.
 */
export async function ask(
  folder: string,
  addresses: readonly string[],
  asked: Asked,
  { connections, seconds }: { connections: number; seconds: number },
): Promise<Answers> {
  const script = join(folder, 'requests.lua')
  await writeFile(script, scriptOf(asked))
  const each = Math.ceil(connections / addresses.length)
  const args = ['-t', '1', '-c', String(each), '-d', `${seconds}s`, '--timeout', '20s', '-s', script]
  const all = await Promise.all(addresses.map(async (address) => summaryOf(await wrk([...args, address]))))
  return {
    perSecond: all.reduce((sum, one) => sum + ((one.requests - one.failed) / one.micros) * 1e6, 0),
    count: all.reduce((sum, one) => sum + one.requests - one.failed, 0),
    failed: all.reduce((sum, one) => sum + one.failed, 0),
    p50: Math.max(...all.map(({ p50 }) => p50)) / 1000,
    p99: Math.max(...all.map(({ p99 }) => p99)) / 1000,
  }
}

async function wrk(args: string[]): Promise<string> {
  try {
    return (await run('wrk', args)).stdout
  } catch (cause) {
    throw new Error('wrk did not run. Install Debian’s package wrk.', { cause })
  }
}

/** The last line; what wrk prints by itself comes before. */
function summaryOf(output: string): z.infer<typeof Summary> {
  return Summary.parse(JSON.parse(output.trim().split('\n').at(-1) ?? ''))
}
