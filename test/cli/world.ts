import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import type { Test } from 'tap'
import { runCli } from '../../src/cli/program.ts'
import { keys } from '../e2e/gateway.ts'

export interface Result {
  code: number
  out: string
  err: string
}

export interface World {
  home: string
  run: (
    args: string[],
    more?: { env?: Record<string, string>; stdin?: string; signal?: AbortSignal },
  ) => Promise<Result>
}

/** A home folder and a command line that talks to a gateway, as the key `studio` unless told otherwise. */
export async function world(t: Test, address: string): Promise<World> {
  const home = await mkdtemp(join(tmpdir(), 'understudy-cli-'))
  t.teardown(() => rm(home, { recursive: true, force: true }))
  return {
    home,
    async run(args, { env, stdin = '', signal = new AbortController().signal } = {}) {
      const [stdout, stderr] = [new PassThrough(), new PassThrough()]
      const code = await runCli(args, {
        env: env ?? { UNDERSTUDY_URL: address, UNDERSTUDY_API_KEY: keys.studio },
        home,
        configFolder: join(home, 'settings'),
        stdin: Readable.from([stdin]),
        stdout,
        stderr,
        signal,
      })
      return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') }
    },
  }
}
