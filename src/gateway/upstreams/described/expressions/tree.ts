import type { Json } from '../../../domain/json.ts'
import type { Values } from './expression.ts'
import { compileTemplate, fill, holdsBytes, namesIn } from './template.ts'
import type { Template } from './template.ts'

/** A body whose texts may contain placeholders. `file`: a file part of a form. */
export type Tree =
  | { type: 'text'; template: Template; isLone: boolean }
  | { type: 'file'; name: string }
  | { type: 'map'; entries: Array<[key: string, value: Tree]> }
  | { type: 'list'; items: Tree[] }
  | { type: 'plain'; value: Json }

type Path = Array<string | number>

/** The faults in a body, with their paths. */
export interface TreeReport {
  faults: Array<{ path: Path; message: string }>
  /** Names that its placeholders read. */
  names: Array<{ path: Path; name: string }>
}

/** `files`: the names allowed in `{ file: … }`; null for a body that is not a form, where such a map has no special meaning. */
export function compileTree(value: unknown, files: readonly string[] | null): TreeReport & { tree: Tree } {
  const report: TreeReport = { faults: [], names: [] }
  return { ...report, tree: compileNode(value, [], files, report) }
}

function compileNode(value: unknown, path: Path, files: readonly string[] | null, report: TreeReport): Tree {
  if (typeof value === 'string') return compileText(value, path, files !== null, report)
  if (typeof value === 'number' || typeof value === 'boolean') return { type: 'plain', value }
  if (typeof value !== 'object' || value === null) return { type: 'plain', value: null }
  if (Array.isArray(value)) {
    const list: unknown[] = value
    const items = list.map((item, index) => compileNode(item, [...path, index], files, report))
    return { type: 'list', items }
  }
  const given: Array<[string, unknown]> = Object.entries(value)
  const file = files === null ? undefined : fileOf(given)
  if (file === undefined)
    return {
      type: 'map',
      entries: given.map(([key, inner]) => [key, compileNode(inner, [...path, key], files, report)]),
    }
  if (files?.includes(file) !== true)
    report.faults.push({ path: [...path, 'file'], message: `should be ${files?.join(' or ')}` })
  return { type: 'file', name: file }
}

function fileOf([first, ...others]: ReadonlyArray<[string, unknown]>): string | undefined {
  if (first?.[0] !== 'file' || others.length > 0) return undefined
  return typeof first[1] === 'string' ? first[1] : undefined
}

function compileText(text: string, path: Path, isForm: boolean, report: TreeReport): Tree {
  const compiled = compileTemplate(text)
  if (compiled.type === 'faulty') {
    report.faults.push({ path, message: compiled.message })
    return { type: 'plain', value: text }
  }
  const { template } = compiled
  if (isForm && holdsBytes(template))
    report.faults.push({
      path,
      message: 'has a file in base64, which only a JSON body may hold; write { file: … }',
    })
  for (const name of namesIn(template)) report.names.push({ path, name })
  const [only] = template.pieces
  return { type: 'text', template, isLone: template.pieces.length === 1 && typeof only !== 'string' }
}

/**
 * The filled body. If a placeholder without text around it has no value, its key or list item is left out; if its value
 * is a list inside a list, the items are inserted. A literal `null` stays.
 */
export function fillTree(tree: Tree, values: Values): Json | undefined {
  switch (tree.type) {
    case 'plain':
      return tree.value
    case 'file':
      return undefined
    case 'text': {
      const value = fill(tree.template, values)
      return tree.isLone && value === null ? undefined : value
    }
    case 'map': {
      const filled: { [key: string]: Json } = {}
      for (const [key, inner] of tree.entries) {
        const value = fillTree(inner, values)
        if (value !== undefined) filled[key] = value
      }
      return filled
    }
    case 'list':
      return tree.items.flatMap((item): Json[] => {
        const value = fillTree(item, values)
        if (value === undefined) return []
        return item.type === 'text' && Array.isArray(value) ? value : [value]
      })
  }
}
