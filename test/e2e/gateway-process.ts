import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Interface } from 'node:readline'

const main = new URL('../../src/gateway/main.ts', import.meta.url).pathname

/** Below the timeout of a test file (120 s), so that a failure has a message. */
const startMs = 60_000

/**
 * Starts the gateway as a process, for tests that signal or kill it; resolves once it listens. `onLine` gets its output
 * from the start; `flags` are Node's options, `options` the gateway's.
 */
export async function startProcess(
  file: string,
  onLine: (line: string) => void = () => undefined,
  flags: string[] = [],
  options: string[] = [],
): Promise<{ child: ChildProcess; address: string }> {
  const child = spawn(process.execPath, [...flags, main, '--config', file, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const output = createInterface({ input: child.stdout }).on('line', onLine)
  return { child, address: await addressOf(child, output) }
}

/** Reads the address from the output. If a gateway does not listen in time, kills it and shows its last lines. */
export async function addressOf(
  child: ChildProcess,
  output: Interface,
  limitMs: number = startMs,
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const lines: string[] = []
  const fail = (what: string) => reject(new Error([what, ...lines.slice(-5)].join('\n')))
  const listen = (line: string) => {
    lines.push(line)
    const found = /listens on (http:[^\s"]+)/.exec(line)?.[1]
    if (found !== undefined) resolve(found)
  }
  const timer = setTimeout(() => {
    fail(`The gateway did not listen within ${limitMs} ms. Its last lines:`)
    child.kill('SIGKILL')
  }, limitMs)
  output.on('line', listen)
  child.once('exit', () => fail('The gateway ended before it listened. Its last lines:'))
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    output.off('line', listen)
  }
}
