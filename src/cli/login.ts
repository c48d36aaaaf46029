import { chmod, mkdir, open, readFile, rename, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { CliError, exitCodes } from './output/terminal.ts'
import type { Terminal } from './output/terminal.ts'

const loginFile = z.object({ url: z.string(), key: z.string() })

export type Login = z.output<typeof loginFile>

const defaultUrl = 'http://127.0.0.1:8787'

type Place = Pick<Terminal, 'env' | 'home' | 'configFolder'>

function loginPath({ configFolder }: Place): string {
  return join(configFolder, 'login.json')
}

/** The location of the file in earlier versions, on every system. */
function earlierPath({ env, home }: Place): string {
  return join(said(env['XDG_CONFIG_HOME']) ?? join(home, '.config'), 'understudy', 'login.json')
}

/** Replaces the file. Only its owner can read it, from the first byte on. */
export async function saveLogin(terminal: Place, login: Login): Promise<string> {
  const path = loginPath(terminal)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.${process.pid}`
  const file = await open(draft, 'w', 0o600)
  try {
    await file.writeFile(`${JSON.stringify(login, null, 2)}\n`)
  } finally {
    await file.close()
  }
  await chmod(draft, 0o600)
  await rename(draft, path)
  return path
}

/** The saved login; null if there is none. A file that others can read is rejected, because its key may be known. */
async function savedLogin(terminal: Place): Promise<Login | null> {
  return (await loginAt(loginPath(terminal))) ?? loginAt(earlierPath(terminal))
}

async function loginAt(path: string): Promise<Login | null> {
  const found = await stat(path).catch(() => null)
  if (found === null) return null
  if ((found.mode & 0o077) !== 0 && process.platform !== 'win32') {
    throw new CliError(
      exitCodes.denied,
      `${path} is readable by other users. Run \`chmod 600 ${path}\`, or log in again.`,
    )
  }
  const parsed = loginFile.safeParse(JSON.parse(await readFile(path, 'utf8')))
  if (parsed.success) return parsed.data
  throw new CliError(
    exitCodes.denied,
    `${path} is not a valid login file. Run \`understudy login\` to replace it.`,
  )
}

/** The address and key: from the environment, otherwise from the login file. A key is never read from the command line. */
export async function loginOf(terminal: Place): Promise<Login> {
  const url = said(terminal.env['UNDERSTUDY_URL'])
  const key = said(terminal.env['UNDERSTUDY_API_KEY'])
  const saved = url !== undefined && key !== undefined ? null : await savedLogin(terminal)
  // A saved key is only sent to the gateway that it was saved for.
  const used = key ?? (url === undefined || url === saved?.url ? saved?.key : undefined)
  if (used === undefined) {
    throw new CliError(
      exitCodes.denied,
      'No API key found. Set UNDERSTUDY_API_KEY or run `understudy login`.',
    )
  }
  return { url: checkedUrl(url ?? saved?.url ?? defaultUrl), key: used }
}

/** An empty variable counts as not set. */
function said(value: string | undefined): string | undefined {
  return value === '' ? undefined : value
}

export function checkedUrl(text: string): string {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '')
    throw new CliError(exitCodes.refused, `${text} is not a valid http or https URL.`)
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
}
