import * as z from 'zod'
import { fileSchema } from '../src/gateway/config/schema/schema.ts'
import { knownDialects } from '../src/gateway/upstreams/dialects.ts'

/** What `${NAME}` and `${file:PATH}` are replaced by is known only at the start, so they are right for every type. */
const variable = { type: 'string', pattern: String.raw`\$\{[^}]+\}` }

const anything = z.record(z.string(), z.unknown())
type Node = z.output<typeof anything>
const nodeOf = (value: unknown): Node => anything.catch({}).parse(value)

/**
 * The JSON Schema (draft 2020-12) of the configuration file: what the gateway parses with, field by field, with the texts of
 * `page` (docs/CONFIGURATION.md) as descriptions. Rules between fields are left to `--check-config`.
 */
export function makeConfigSchema(page: string): Node {
  const schema = nodeOf(z.toJSONSchema(fileSchema, { io: 'input', unrepresentable: 'any', reused: 'inline' }))
  const { $schema, ...root } = finished(schema, '', textsOf(page))
  return { $schema, title: 'Configuration of Understudy', ...root }
}

/** The meanings in the tables of `page`, by path such as `upstreams[].poll.every_seconds`. */
export function textsOf(page: string): Map<string, string> {
  const texts = new Map<string, string>()
  let chapter = ''
  let section = ''
  for (const line of page.split('\n')) {
    const [, depth = '', title = ''] = /^(##+) (.*)$/.exec(line) ?? []
    const [, name = ''] = /^`([a-z_.[\]]+)`/.exec(title) ?? []
    if (depth === '##') chapter = section = name
    else if (depth === '###') section = title.includes('`, `') ? chapter : name || chapter
    const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim())
    if (section === '' || cells.length < 4) continue
    const meaning = (cells.at(-2) ?? '').replaceAll('`', '').replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1')
    for (const [, key = ''] of (cells[1] ?? '').matchAll(/`([a-z0-9_.]+)`/g))
      // A setting without parts has a chapter of its own.
      texts.set(key === chapter ? key : `${section}.${key}`, meaning)
  }
  return texts
}

/** The node with its text, and with variables allowed in the place of every value that is more than any text. */
function finished(node: Node, path: string, texts: ReadonlyMap<string, string>): Node {
  const description = texts.get(path)
  const told = { ...(description !== undefined && { description }), ...node }
  if (path === 'upstreams[].dialect') return { ...told, anyOf: dialects }
  if (node['type'] === 'object') return { ...told, ...finishedFields(node, path, texts) }
  if (node['type'] === 'array') return { ...told, items: finished(nodeOf(node['items']), `${path}[]`, texts) }
  if (Array.isArray(node['anyOf'])) {
    const forms = node['anyOf'].flatMap((each) => {
      const { description: _, ...form } = finished(nodeOf(each), path, texts)
      const { data: inner } = z.array(z.unknown()).safeParse(form['anyOf'])
      return inner !== undefined && Object.keys(form).length === 1 ? inner : [form]
    })
    return { ...told, anyOf: forms }
  }
  const { default: usual, ...rest } = node
  const isFree = rest['type'] === undefined || (rest['type'] === 'string' && Object.keys(rest).length === 1)
  if (isFree || rest['type'] === 'null') return told
  return {
    ...(description !== undefined && { description }),
    ...(usual !== undefined && { default: usual }),
    anyOf: [rest, variable],
  }
}

/** Offered by name; a map is a description of its own. */
const dialects = [{ enum: Object.keys(knownDialects) }, variable, { type: 'object' }]

function finishedFields(node: Node, path: string, texts: ReadonlyMap<string, string>): Node {
  const { properties, additionalProperties: others } = node
  const entries = Object.entries(nodeOf(properties)).map(([name, inner]) => {
    const below = path === '' ? name : `${path}.${name}`
    return [name, finished(nodeOf(inner), below, texts)]
  })
  return {
    ...(entries.length > 0 && { properties: Object.fromEntries(entries) }),
    ...(typeof others === 'object' && { additionalProperties: finished(nodeOf(others), '', texts) }),
  }
}
