import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { newSecret } from '../services/accounts/key-secret.ts'

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
  const made = newLocalSecrets()
  if (found === null) await writeDurably(file, `${JSON.stringify(made, null, 2)}\n`)
  const { gateway_key: gatewayKey, link_secret: linkSecret } = found === null ? made : parse(file, found)
  return { gatewayKey, linkSecret }
}

/** What the first start makes. */
export function newLocalSecrets(): z.output<typeof schema> {
  return { gateway_key: newSecret(), link_secret: token() }
}

function parse(file: string, text: string): z.output<typeof schema> {
  const parsed = schema.safeParse(jsonOf(text))
  if (parsed.success) return parsed.data
  // Not repeated: parts of it may be secrets.
  throw new Error(
    `${file} is ${text.trim() === '' ? 'empty' : 'damaged'}. Restore it from a backup; or delete it, and the next start makes another one: then links that were sent out stop working, and a key that was generated is replaced.`,
  )
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function token(): string {
  return randomBytes(32).toString('base64url')
}

/** Whole or not at all: a disk that is full at the first start leaves nothing that a later start would read. */
async function writeDurably(file: string, text: string): Promise<void> {
  const draft = `${file}.${process.pid}.tmp`
  try {
    await using handle = await open(draft, 'w', 0o600)
    await handle.writeFile(text)
    await handle.sync()
    await rename(draft, file)
    await using folder = await open(dirname(file), 'r')
    await folder.sync()
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}
