import type { MediaSource } from '../../ports/upstream.ts'
import { embeddedIn } from '../transport/bodies/embedded-files.ts'
import type { Part } from '../transport/bodies/multipart.ts'
import type { ApiCall } from '../transport/api-call.ts'
import type { Call } from './description/description-calls.ts'
import type { Values } from './expressions/expression.ts'
import { asText, fillPath } from './expressions/template.ts'
import { fillTree } from './expressions/tree.ts'
import type { Tree } from './expressions/tree.ts'

/** The files that a call may include: by name for a form, and all files that JSON may contain in base64. */
export interface CallFiles {
  named: Readonly<Record<string, MediaSource>>
  all: readonly MediaSource[]
}

const noFiles: CallFiles = { named: {}, all: [] }

/** The call with its placeholders filled; null if a value of its path is missing. */
export function buildCall(call: Call, values: Values, files: CallFiles = noFiles): ApiCall | null {
  const { method, path, headers, service } = call
  const filled = fillPath(path, values)
  if (filled === null) return null
  const own = Object.keys(headers).length === 0 ? {} : { headers }
  const at = service === undefined ? {} : { service }
  return { method, path: filled, ...at, ...own, body: bodyOf(call, values, files) }
}

/** The same for a call that only reads. Its values come from our own store, so a missing one is a bug in the description. */
export function askingCall(call: Call, values: Values): ApiCall {
  const built = buildCall(call, values)
  if (built === null)
    throw new Error('A described call has a path for which the stored operation has no value.')
  return built.method === 'POST' ? { ...built, asks: true } : built
}

function bodyOf({ body, form, integers }: Call, values: Values, files: CallFiles): ApiCall['body'] {
  if (form?.type === 'map')
    return {
      type: 'multipart',
      parts: form.entries.flatMap(([name, tree]) => partsOf(name, tree, values, files.named)),
    }
  if (body === undefined) return null
  const value = fillTree(body, values) ?? null
  const embedded = embeddedIn(value, files.all)
  return {
    type: 'json',
    value,
    ...(embedded.length > 0 && { files: embedded }),
    ...(integers.length > 0 && { integers }),
  }
}

/** A list becomes one part per item; maps are written as JSON. */
function partsOf(
  name: string,
  tree: Tree,
  values: Values,
  files: Readonly<Record<string, MediaSource>>,
): Part[] {
  if (tree.type === 'file') {
    const file = files[tree.name]
    return file === undefined ? [] : [{ name, file }]
  }
  const value = fillTree(tree, values)
  if (value === undefined) return []
  const items = Array.isArray(value) ? value : [value]
  return items.map((item) => ({ name, value: asText(item) }))
}
