import { homedir } from 'node:os'
import envPaths from 'env-paths'
import { runCli } from './program.ts'

const interrupted = new AbortController()
process.once('SIGINT', () => interrupted.abort())

// The reader of the output has closed it, as in `understudy watch … | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

process.exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  home: homedir(),
  configFolder: envPaths('understudy', { suffix: '' }).config,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interrupted.signal,
})
