import { listOf, nodeOf, resolve, textsOf } from '../../openapi/breaking/document.ts'
import type { Node } from '../../openapi/breaking/document.ts'
import { githubAnchor } from './plain-markdown.ts'

interface Operation {
  method: string
  path: string
  node: Node
}

const said = (value: unknown): string => (typeof value === 'string' ? value : '')

/** For a cell of a table: one line, whose bars are no borders. */
const cell = (text: string): string => text.replaceAll('\n', ' ').replaceAll('|', String.raw`\|`)

const code = (text: string): string => `\`${text}\``

function schemaName(value: unknown): string | null {
  const ref = nodeOf(value)['$ref']
  return typeof ref === 'string' ? (ref.split('/').at(-1) ?? null) : null
}

const schemaLink = (name: string): string => `[${name}](/api/schemas.md#${githubAnchor(name)})`

/** What a value may be, in words; a named schema is a link to it. */
function typeOf(value: unknown): string {
  const name = schemaName(value)
  if (name !== null) return schemaLink(name)
  const schema = nodeOf(value)
  const variants = listOf(schema['anyOf'] ?? schema['oneOf'])
  if (variants.length > 0) return [...new Set(variants.map(typeOf))].join(' or ')
  if ('const' in schema) return code(JSON.stringify(schema['const']))
  const values = listOf(schema['enum'])
  if (values.length > 0) return values.map((each) => code(String(each))).join(', ')
  if (schema['type'] === 'array') return `list of ${typeOf(schema['items'])}`
  const types = typeof schema['type'] === 'string' ? [schema['type']] : textsOf(schema['type'])
  return types.join(' or ') || 'any'
}

const table = (header: readonly string[], rows: ReadonlyArray<readonly string[]>): string =>
  [header, header.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n')

function membersOf(schema: Node): string {
  const required = textsOf(schema['required'])
  const rows = Object.entries(nodeOf(schema['properties'])).map(([name, value]) => [
    code(name),
    typeOf(value),
    required.includes(name) ? 'yes' : '',
    said(nodeOf(value)['description']),
  ])
  return rows.length === 0 ? '' : table(['member', 'type', 'required', 'meaning'], rows)
}

function exampleOf(schema: Node): string {
  const [example] = listOf(schema['examples'])
  return example === undefined ? '' : `\`\`\`json\n${JSON.stringify(example, null, 2)}\n\`\`\``
}

const paragraphs = (...parts: string[]): string => `${parts.filter((part) => part !== '').join('\n\n')}\n`

function contentOf(document: Node, value: unknown): string {
  const content = nodeOf(resolve(document, value)['content'])
  return Object.entries(content)
    .map(([type, media]) => `${code(type)} ${typeOf(nodeOf(media)['schema'])}`)
    .join(', ')
}

function accessOf({ node }: Operation): string {
  const scopes = listOf(node['security']).flatMap((each) => textsOf(nodeOf(each)['key']))
  if (scopes.length > 0) return `Needs a key with the scope ${[...new Set(scopes)].map(code).join(' or ')}.`
  return listOf(node['security']).some((each) => 'signature' in nodeOf(each))
    ? 'Needs a signature.'
    : 'Needs no key.'
}

function operationText(document: Node, operation: Operation): string {
  const { method, path, node } = operation
  const parameters = listOf(node['parameters']).map((each) => resolve(document, each))
  const responses = Object.entries(nodeOf(node['responses'])).map(([status, response]) => [
    status,
    contentOf(document, response),
    said(resolve(document, response)['description']),
  ])
  const asked = contentOf(document, node['requestBody'])
  return paragraphs(
    `## ${said(node['summary'])}`,
    code(`${method.toUpperCase()} ${path}`),
    said(node['description']),
    accessOf(operation),
    parameters.length === 0
      ? ''
      : table(
          ['parameter', 'in', 'type', 'meaning'],
          parameters.map((each) => [
            code(said(each['name'])),
            said(each['in']),
            typeOf(each['schema']),
            said(each['description']),
          ]),
        ),
    asked === '' ? '' : `Body: ${asked}`,
    table(['status', 'content', 'meaning'], responses),
  )
}

function operationsOf(document: Node): Operation[] {
  return Object.entries(nodeOf(document['paths'])).flatMap(([path, methods]) =>
    Object.entries(nodeOf(methods)).map(([method, node]) => ({ method, path, node: nodeOf(node) })),
  )
}

/** Pages of the API reference, by path: one for each tag, one for all schemas, and the list of operations. */
export function apiReference(given: unknown): Map<string, string> {
  const document = nodeOf(given)
  const operations = operationsOf(document)
  const tags = listOf(document['tags']).map(nodeOf)
  const pages = new Map<string, string>()
  const list = tags.map((tag) => {
    const name = said(tag['name'])
    const own = operations.filter(({ node }) => textsOf(node['tags']).includes(name))
    pages.set(
      `api/${name}.md`,
      paragraphs(
        `# API: ${name}`,
        said(tag['description']),
        ...own.map((each) => operationText(document, each)),
      ),
    )
    const rows = own.map(({ method, path, node }) => {
      const summary = said(node['summary'])
      const link = `[${summary}](/api/${name}.md#${githubAnchor(summary)})`
      return [code(`${method.toUpperCase()} ${path}`), link]
    })
    return paragraphs(`## ${name}`, said(tag['description']), table(['call', 'what it does'], rows))
  })
  const schemas = Object.entries(nodeOf(nodeOf(document['components'])['schemas'])).map(([name, value]) => {
    const schema = nodeOf(value)
    const type = 'properties' in schema ? '' : typeOf(schema)
    return paragraphs(`## ${name}`, said(schema['description']), type, membersOf(schema), exampleOf(schema))
  })
  pages.set(
    'api/index.md',
    paragraphs(
      '# API',
      `${said(nodeOf(document['info'])['description'])} The same as one file: [openapi.json](/openapi.json).`,
      ...list,
    ),
  )
  pages.set('api/schemas.md', paragraphs('# Schemas', 'What the calls take and answer.', ...schemas))
  return pages
}
