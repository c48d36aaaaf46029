import type { StoredMedia } from '../../services/media/media-intake.ts'
import { createBase64Text, dataUrlHead, digestOf, longestHead } from './base64-text.ts'
import type { DataUrlPlan, Uploads } from './uploads.ts'

/**
 * Stores the data URLs in what is parsed already, such as JSON text in a form, one after the other. As in a body that is
 * streamed, the digest of the file takes the place of its bytes, in `fields` itself. Returns the files by the pointer of
 * their members; throws `not_media` at the member for a data URL that holds no file.
 */
export async function storeDataUrls(
  fields: unknown,
  plan: DataUrlPlan,
  uploads: Uploads,
): Promise<Map<string, StoredMedia>> {
  const files = new Map<string, StoredMedia>()
  for (const [pointer, accept] of plan) {
    const names = pointer.slice(1).split('/')
    const name = names.pop() ?? ''
    const owner = names.reduce<unknown>(memberOf, fields)
    const url = memberOf(owner, name)
    if (typeof url !== 'string' || typeof owner !== 'object' || owner === null) continue
    const head = url.slice(0, url.slice(0, longestHead).indexOf(',') + 1)
    if (!dataUrlHead.test(head)) continue
    const stored = await uploads.storeBytes(decoded(url.slice(head.length), pointer), accept, pointer)
    files.set(pointer, stored)
    Reflect.set(owner, name, head + digestOf(stored))
  }
  return files
}

async function* decoded(base64: string, pointer: string): AsyncGenerator<Uint8Array> {
  const text = createBase64Text(pointer)
  yield text.decode(base64)
  yield text.end()
}

function memberOf(owner: unknown, name: string): unknown {
  if (typeof owner !== 'object' || owner === null || !Object.hasOwn(owner, name)) return undefined
  return Reflect.get(owner, name)
}
