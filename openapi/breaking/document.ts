import { z } from 'zod'

/** One object of an OpenAPI document; what is not an object reads as an empty one. */
export type Node = Readonly<Record<string, unknown>>

const node = z.record(z.string(), z.unknown())

export function nodeOf(value: unknown): Node {
  return node.safeParse(value).data ?? {}
}

export function textsOf(value: unknown): string[] {
  return z.array(z.string()).safeParse(value).data ?? []
}

export function listOf(value: unknown): unknown[] {
  return z.array(z.unknown()).safeParse(value).data ?? []
}

/** Follows one `$ref` into `components`. */
export function resolve(document: Node, value: unknown): Node {
  const given = nodeOf(value)
  const ref = given['$ref']
  if (typeof ref !== 'string') return given
  let found: unknown = document
  for (const token of ref.replace(/^#\//, '').split('/')) found = nodeOf(found)[token]
  return nodeOf(found)
}

export function keysOf(...nodes: Node[]): string[] {
  return [...new Set(nodes.flatMap((each) => Object.keys(each)))].toSorted()
}
