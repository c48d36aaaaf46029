import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { newSecret } from './services/key-secret.ts'

const schema = z.strictObject({ gateway_key: z.string().min(16), link_secret: z.string().min(32) })

/** Secrets this installation made for itself: the key of a first start, and what signs media links. */
export interface LocalSecrets {
  gatewayKey: string
  linkSecret: string
}

/** Reads them from the data folder, or makes them there at the first start, readable by this user alone. */
export async function loadLocalSecrets(directory: string): Promise<LocalSecrets> {
  await mkdir(directory, { recursive: true })
  const file = join(directory, 'secrets.json')
  const found = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  })
  const made = { gateway_key: newSecret(), link_secret: token() }
  if (found === null) await writeDurably(file, JSON.stringify(made, null, 2))
  const { gateway_key: gatewayKey, link_secret: linkSecret } =
    found === null ? made : schema.parse(JSON.parse(found))
  return { gatewayKey, linkSecret }
}

function token(): string {
  return randomBytes(32).toString('base64url')
}

async function writeDurably(file: string, text: string): Promise<void> {
  await using handle = await open(file, 'wx', 0o600)
  await handle.writeFile(`${text}\n`)
  await handle.sync()
}
