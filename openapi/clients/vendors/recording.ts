import { mkdir, writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { prompts } from './sdks.ts'
import type { VendorSdk } from './sdks.ts'
import { vendorKey } from './stage.ts'
import type { VendorStage } from './stage.ts'

const folder = new URL('../../../test/fixtures/vendor-sdks/', import.meta.url)

/** Headers that a vendor may insist on; the others tell of the client alone. */
const kept =
  /^(authorization|content-type|prefer|api-key|x-(api-key|goog-api-key|dashscope-async|runway-version))$/

/** Keeps the creates of an SDK by case, with `{origin}` and `{key}` in the place of what differs from run to run. */
export async function record(sdk: VendorSdk, stage: VendorStage): Promise<void> {
  const creates: Record<string, object> = {}
  for (const { method, url, headers, body } of stage.seen(sdk)) {
    const text = withoutMedia(body.toString('utf8').replaceAll(stage.origin, '{origin}'), stage)
    const name = Object.entries(prompts).find(([, prompt]) => text.includes(JSON.stringify(prompt)))?.[0]
    if (name === undefined || ['wrong_key', 'listed', 'running', 'cancelled'].includes(name)) continue
    const sent = Object.entries(headers).filter(([header]) => kept.test(header))
    creates[name] = {
      method,
      path: url.replace(vendorKey, '{key}'),
      headers: Object.fromEntries(sent.map(([header, value]) => [header, value.replace(vendorKey, '{key}')])),
      body: z.json().parse(JSON.parse(text)),
    }
  }
  await mkdir(folder, { recursive: true })
  const { packages, dialect, model } = sdk
  const text = JSON.stringify({ sdk: packages[0], dialect, model, creates }, undefined, 2)
  await writeFile(new URL(`${sdk.id}.json`, folder), `${text}\n`)
}

/** Bytes in base64, of either alphabet, become `{base64:first.png}` or `{base64url:first.png}`. */
function withoutMedia(text: string, { media }: VendorStage): string {
  let without = text
  for (const [name, bytes] of media) {
    const plain = bytes.toString('base64')
    const safe = plain.replaceAll('+', '-').replaceAll('/', '_')
    without = without.replaceAll(plain, `{base64:${name}}`).replaceAll(safe, `{base64url:${name}}`)
  }
  return without
}
