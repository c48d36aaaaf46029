import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { builtGateway } from './built.ts'

const startMs = 20_000

/**
 * Milliseconds from starting the process to having read the answer to `GET /generations`, which asks the database. The
 * gateway is the built one, with the bundled simulator, and its data in `directory`. `run`: as for `startChild`.
 */
export async function measureStart(
  directory: string,
  run = (command: string, args: string[]): [string, string[]] => [command, args],
): Promise<number> {
  const began = performance.now()
  const child = spawn(...run(process.execPath, builtGateway), {
    cwd: directory,
    env: { HOST: '127.0.0.1', PORT: '0' },
    // Beside a pipe, the key that was made goes to standard error.
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const exited = once(child, 'exit')
  try {
    let said = ''
    child.stderr.setEncoding('utf8')
    const welcome = new Promise<void>((resolve, reject) => {
      setTimeout(() => reject(new Error('the gateway did not start in time')), startMs).unref()
      child.once('exit', () => reject(new Error('the gateway ended before it listened')))
      child.stderr.on('data', (text: string) => {
        said += text
        if (said.includes('curl')) resolve()
      })
    })
    await welcome
    const address = /listens on (http:[^\s"]+)/.exec(said)?.[1]
    const key = /key +(\S+)/.exec(said)?.[1]
    const response = await fetch(`${address}/generations`, {
      headers: { authorization: `Bearer ${key}`, connection: 'close' },
    })
    await response.arrayBuffer()
    if (response.status !== 200) throw new Error(`the first answer was ${response.status}`)
    return performance.now() - began
  } finally {
    child.kill('SIGTERM')
    await exited
  }
}
