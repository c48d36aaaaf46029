import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { z } from 'zod'
import { createApi } from '../gateway/api.ts'
import { checkedUrl, saveLogin } from '../login.ts'
import { printable } from '../output/printable.ts'
import { CliError, exitCodes, say } from '../output/terminal.ts'
import type { ExitCode, Terminal } from '../output/terminal.ts'

/** `understudy login`: verifies a key with the gateway and saves both. The key is read from stdin and not displayed. */
export async function login(terminal: Terminal, address: string): Promise<ExitCode> {
  const url = checkedUrl(address)
  terminal.stderr.write(printable(`Key for ${url}: `))
  const key = await readSecret(terminal)
  terminal.stderr.write('\n')
  if (!/^[\x21-\x7e]+$/.test(key)) throw new CliError(exitCodes.refused, 'The input is not a valid API key.')
  await createApi({ url, key }, terminal.signal).call('GET', '/upstreams', z.unknown())
  say(terminal, `Saved to ${await saveLogin(terminal, { url, key })}, readable only by you.`)
  return exitCodes.fine
}

async function readSecret({ stdin, stderr, signal }: Terminal): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: stdin, output: silent, terminal: stderr.isTTY === true })
  try {
    return (await lines.question('', { signal })).trim()
  } finally {
    lines.close()
  }
}
