import { spawn } from 'node:child_process'

/** Runs a program and passes on what it prints; resolves with its exit code, or null when there is no such program. */
export function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string>; quiet?: boolean; timeoutMs?: number } = {},
): Promise<number | null> {
  const { cwd, env = {}, quiet = false, timeoutMs = 900_000 } = options
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...(cwd !== undefined && { cwd }),
      // eslint-disable-next-line node/no-process-env -- the language's own tools need their PATH, HOME and proxies
      env: { ...process.env, ...env },
      stdio: ['ignore', quiet ? 'ignore' : 'inherit', quiet ? 'ignore' : 'inherit'],
      timeout: timeoutMs,
    })
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve(null)
      else reject(error)
    })
    child.once('close', (code) => resolve(code ?? 1))
  })
}

/** As `run`, but throws unless it ends well. */
export async function must(
  command: string,
  args: readonly string[],
  options: Parameters<typeof run>[2] = {},
): Promise<void> {
  const code = await run(command, args, options)
  if (code === null) throw new MissingToolError(`${command} is not installed`)
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}`)
}

/** The machine does not have, or reach, what a language needs: no verdict on the client. */
export class MissingToolError extends Error {
  override readonly name = 'MissingToolError'
}
