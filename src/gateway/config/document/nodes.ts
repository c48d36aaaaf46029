import { isAlias, isCollection, isMap, isNode, isScalar, isSeq } from 'yaml'
import type { Document, Node, Scalar, YAMLMap, YAMLSeq } from 'yaml'
import type { ConfigProblem, Path } from './config-problem.ts'
import { formatPath, pathKey, showKey } from './config-problem.ts'
import type { Outside } from './variables.ts'
import { expandVariables } from './variables.ts'

/** Offsets of a key and of its value; the same for an item of a list. */
export interface Place {
  key: number
  value: number
}

/** What one reading of a file knows and collects. */
interface Reading {
  parsed: Document
  outside: Outside
  at: (offset: number) => { line: number; column: number }
  places: Map<string, Place>
  problems: ConfigProblem[]
  faulty: Set<string>
  variables: Map<string, string[]>
  /** Maps and lists being read, to detect an alias inside its own anchor. */
  active: Set<Node>
  seen: { nodes: number }
}

// Far above any real file: they stop aliases that multiply.
const MAX_NODES = 100_000
const MAX_DEPTH = 32

const SECRET_FIELDS: ReadonlySet<unknown> = new Set([
  'api_key',
  'access_key',
  'secret_key',
  'key',
  'webhook_secret',
])
const SECRET_LISTS: ReadonlySet<unknown> = new Set(['webhook_secrets'])

/** Stands for a value at fault: right for no field, so that no rule takes the field for absent and no default fills it. */
const FAULTY = Symbol('faulty')

export function isEmpty(node: Node): boolean {
  return isScalar(node) && node.value === null && (node.source ?? '') === ''
}

/** The map as plain data, with variables expanded. A value at fault is there as a symbol. */
export function readMap(node: YAMLMap, path: Path, reading: Reading): Record<string, unknown> {
  reading.active.add(node)
  const entries = new Map<string, unknown>()
  for (const { key, value } of node.items) {
    const start = startOf(key) ?? startOf(node) ?? 0
    const name = nameOf(key)
    if (name === null || name.includes('${')) {
      const message =
        name === null ? 'a key should be plain text' : 'variables are supported in values only, not in keys'
      complain(reading, path, start, message)
      reading.faulty.add(pathKey(path))
      continue
    }
    const entryPath = [...path, name]
    const earlier = reading.places.get(pathKey(entryPath))
    if (entries.has(name) && earlier !== undefined) {
      const { line } = reading.at(earlier.key)
      complain(reading, entryPath, start, `\`${showKey(name)}\` is already set on line ${line}`)
      continue
    }
    reading.places.set(pathKey(entryPath), { key: start, value: startOf(value) ?? start })
    entries.set(name, readNode(value, entryPath, reading))
  }
  reading.active.delete(node)
  return Object.fromEntries(entries)
}

function readList(node: YAMLSeq, path: Path, reading: Reading): unknown[] {
  reading.active.add(node)
  const list = node.items.map((item, index) => {
    const itemPath = [...path, index]
    const start = startOf(item) ?? startOf(node) ?? 0
    reading.places.set(pathKey(itemPath), { key: start, value: start })
    return readNode(item, itemPath, reading)
  })
  reading.active.delete(node)
  return list
}

function readNode(node: unknown, path: Path, reading: Reading): unknown {
  if (++reading.seen.nodes > MAX_NODES || path.length > MAX_DEPTH) {
    return fault(reading, path, 'the file is too large or too deeply nested; check its aliases')
  }
  if (!isNode(node) || isEmpty(node)) return fault(reading, path, 'has no value; write one or remove the key')
  // A secret with braces reads as a map, and its parts would be named in paths. The wrong type is fault enough.
  if (isSecret(path) && isCollection(node)) return isMap(node) ? {} : []
  if (isSecretList(path) && isMap(node)) return {}
  if (isMap(node)) return readMap(node, path, reading)
  if (isSeq(node)) return readList(node, path, reading)
  if (isScalar(node)) return readScalar(node, path, reading)
  if (!isAlias(node)) return FAULTY
  const target = node.resolve(reading.parsed)
  if (target === undefined) {
    return fault(reading, path, 'no earlier anchor has this name; put a value that starts with `*` in quotes')
  }
  if (reading.active.has(target)) return fault(reading, path, 'an alias cannot be used inside its own anchor')
  return readNode(target, path, reading)
}

/** A body described in a dialect may have a field of such a name, which is the vendor's and no secret. */
function isSecret(path: Path): boolean {
  const named = SECRET_FIELDS.has(path.at(-1)) || SECRET_LISTS.has(path.at(-2))
  return named && !path.includes('dialect')
}

function isSecretList(path: Path): boolean {
  return SECRET_LISTS.has(path.at(-1)) && !path.includes('dialect')
}

function readScalar(node: Scalar, path: Path, reading: Reading): unknown {
  if (typeof node.value !== 'string') return node.value
  const expansion = expandVariables(node.value, reading.outside)
  if (expansion.type === 'faulty') {
    for (const message of expansion.messages) fault(reading, path, message)
    return FAULTY
  }
  if (expansion.names.length > 0) reading.variables.set(pathKey(path), expansion.names)
  return expansion.text
}

function fault(reading: Reading, path: Path, message: string): symbol {
  reading.faulty.add(pathKey(path))
  complain(reading, path, reading.places.get(pathKey(path))?.value ?? 0, message)
  return FAULTY
}

function complain(reading: Reading, path: Path, offset: number, message: string): void {
  const place = reading.at(offset)
  // What is wrong inside an anchor would be said again for each alias.
  const said = reading.problems.some(
    (problem) =>
      problem.line === place.line && problem.column === place.column && problem.message === message,
  )
  if (!said) reading.problems.push({ ...place, path: formatPath(path), message })
}

/** The offset of a node; null for one that is not written out. */
export function startOf(node: unknown): number | null {
  return isNode(node) && !isEmpty(node) ? (node.range?.[0] ?? null) : null
}

function nameOf(key: unknown): string | null {
  if (!isScalar(key)) return null
  return typeof key.value === 'string' ? key.value : (key.source ?? null)
}
