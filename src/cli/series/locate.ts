import { isAlias, isMap, isNode, isScalar, isSeq } from 'yaml'
import type { Document } from 'yaml'

/** The offset of the key or list item that a JSON pointer refers to, or of the nearest parent that exists. */
export function locate(document: Document, pointer: string): number {
  let node: unknown = document.contents
  let offset = startOf(node) ?? 0
  for (const token of tokensOf(pointer)) {
    const inner = isAlias(node) ? node.resolve(document) : node
    const found = step(inner, token)
    if (found === null) return offset
    offset = startOf(found.at) ?? startOf(found.value) ?? offset
    node = found.value
  }
  return offset
}

function tokensOf(pointer: string): string[] {
  const [, ...tokens] = pointer.split('/')
  return tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function step(node: unknown, token: string): { at: unknown; value: unknown } | null {
  if (isSeq(node)) {
    const item = node.items[Number(token)]
    return item === undefined ? null : { at: item, value: item }
  }
  if (!isMap(node)) return null
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === token)
  return pair === undefined ? null : { at: pair.key, value: pair.value }
}

function startOf(node: unknown): number | null {
  return isNode(node) ? (node.range?.[0] ?? null) : null
}
