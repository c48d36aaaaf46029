import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'

const main = new URL('../../src/gateway/main.ts', import.meta.url).pathname

/**
 * The gateway as a process of its own, for tests that signal or kill it; resolves once it listens. `onLine` sees what it
 * writes from its start on; `flags` are Node's own, `options` the gateway's.
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
  child.stdout.setEncoding('utf8')
  createInterface({ input: child.stdout }).on('line', onLine)
  const address = await new Promise<string>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the gateway ended before it listened')))
    child.stdout.on('data', (text: string) => {
      const found = /listens on (http:\S+)/.exec(text)?.[1]
      if (found !== undefined) resolve(found)
    })
  })
  return { child, address }
}
