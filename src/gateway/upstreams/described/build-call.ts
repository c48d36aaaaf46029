import type { MediaSource } from '../../ports/upstream.ts'
import type { Part } from '../transport/bodies/multipart.ts'
import type { ApiCall } from '../transport/api-call.ts'
import type { Call } from './description/description-calls.ts'
import type { Values } from './expressions/expression.ts'
import { asText, fillPath } from './expressions/template.ts'
import { fillTree } from './expressions/tree.ts'
import type { Tree } from './expressions/tree.ts'

/** The call with its placeholders filled; null when its path would have a hole. `files`: by the names that a form uses. */
export function buildCall(
  { method, path, headers, body, form }: Call,
  values: Values,
  files: Readonly<Record<string, MediaSource>> = {},
): ApiCall | null {
  const filled = fillPath(path, values)
  if (filled === null) return null
  const own = Object.keys(headers).length === 0 ? {} : { headers }
  return { method, path: filled, ...own, body: bodyOf(body, form, values, files) }
}

/** The same for a call that only asks. Its values come from our own store, so that a hole is a mistake in the description. */
export function askingCall(call: Call, values: Values): ApiCall {
  const built = buildCall(call, values)
  if (built === null)
    throw new Error('A described call has a path for which the stored operation has no value.')
  return built.method === 'POST' ? { ...built, asks: true } : built
}

function bodyOf(
  body: Tree | undefined,
  form: Tree | undefined,
  values: Values,
  files: Readonly<Record<string, MediaSource>>,
): ApiCall['body'] {
  if (form?.type === 'map')
    return {
      type: 'multipart',
      parts: form.entries.flatMap(([name, tree]) => partsOf(name, tree, values, files)),
    }
  return body === undefined ? null : { type: 'json', value: fillTree(body, values) ?? null }
}

/** A list gives a part for each item; maps are written as JSON. */
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
