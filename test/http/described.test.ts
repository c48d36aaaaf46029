import { readFile } from 'node:fs/promises'
import t from 'tap'
import { z } from 'zod'
import { commonMembers } from '../../src/gateway/http/document/common-members.ts'
import { moreMembers } from '../../src/gateway/http/document/more-members.ts'
import { operationWords, parameterWords } from '../../src/gateway/http/document/operation-words.ts'
import { ownMembers } from '../../src/gateway/http/document/own-members.ts'
import { schemaWords } from '../../src/gateway/http/document/schema-words.ts'

const Schema = z.looseObject({
  $ref: z.string().optional(),
  description: z.string().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
})
type Schema = z.infer<typeof Schema>

const Parameter = z.looseObject({ name: z.string(), in: z.string(), description: z.string().optional() })
const Operation = z.looseObject({
  operationId: z.string(),
  summary: z.string(),
  description: z.string().optional(),
  parameters: z.array(Parameter).default([]),
  responses: z.record(z.string(), z.looseObject({ description: z.string() })),
})
const Document = z.object({
  components: z.object({ schemas: z.record(z.string(), Schema) }),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  webhooks: z.record(z.string(), z.record(z.string(), Operation)),
})

const text = await readFile(new URL('../../openapi/openapi.json', import.meta.url), 'utf8')
const document = Document.parse(JSON.parse(text))
const { schemas } = document.components
const operations = [document.paths, document.webhooks].flatMap((each) =>
  Object.values(each).flatMap((methods) => Object.values(methods)),
)

const namedBy = ({ $ref }: Schema): Schema | undefined => schemas[$ref?.split('/').at(-1) ?? '']
const saidOf = (schema: Schema): string => schema.description ?? namedBy(schema)?.description ?? ''

/** Every member of a value in the document, with the path that leads to it. */
function* membersIn(value: unknown, path: string): Generator<[path: string, member: Schema]> {
  if (Array.isArray(value)) {
    for (const each of value) yield* membersIn(each, path)
    return
  }
  const { success, data } = Schema.safeParse(value)
  if (!success) return
  for (const [name, member] of Object.entries(data.properties ?? {})) {
    yield [`${path}.${name}`, Schema.parse(member)]
    yield* membersIn(member, `${path}.${name}`)
  }
  for (const [key, each] of Object.entries(data))
    if (key !== 'properties' && key !== 'examples' && key !== 'example') yield* membersIn(each, path)
}

const everyMember = [
  ...Object.entries(schemas).flatMap(([name, schema]) => [...membersIn(schema, name)]),
  ...operations.flatMap((each) => [...membersIn(each, each.operationId)]),
]

function mayBeNull(schema: Schema): boolean {
  if ([schema.type].flat().includes('null')) return true
  const named = namedBy(schema)
  const variants = [schema['anyOf'] ?? [], schema['oneOf'] ?? []].flat()
  return [...variants, ...(named === undefined ? [] : [named])].some((each) => mayBeNull(Schema.parse(each)))
}

t.test('everything in the document says what it is', async (t) => {
  const silent = [
    ...Object.entries(schemas).flatMap(([name, { description = '' }]) => (description === '' ? [name] : [])),
    ...everyMember.flatMap(([path, member]) => (saidOf(member) === '' ? [path] : [])),
    ...operations.flatMap(({ operationId, description = '', parameters, responses }) => [
      ...(description === '' ? [operationId] : []),
      ...parameters.flatMap((each) =>
        (each.description ?? '') === '' ? [`${operationId} ${each.in} ${each.name}`] : [],
      ),
      ...Object.entries(responses).flatMap(([status, answer]) =>
        answer.description === '' ? [`${operationId} ${status}`] : [],
      ),
    ]),
  ]
  t.ok(everyMember.length > 1400, `${everyMember.length} members`)
  t.strictSame(silent, [], 'describe it at its schema, or in src/gateway/http/document')
})

t.test('what is said to be null may be null', async (t) => {
  const wrong = everyMember.flatMap(([path, member]) => {
    const said = member.description ?? ''
    return /(?:^|\. )Null\b/.test(said) && !mayBeNull(member) ? [`${path}: ${said}`] : []
  })
  t.strictSame(wrong, [])
})

t.test('the words for the document are words of things that are in it', async (t) => {
  const said = new Set([...text.matchAll(/"description": "((?:[^"\\]|\\.)*)"/g)].map(([, each]) => each))
  const own = [...Object.values(ownMembers), ...Object.values(moreMembers)].flatMap((each) =>
    Object.values(each),
  )
  const all = [commonMembers, operationWords, parameterWords, schemaWords].flatMap((each) =>
    Object.values(each),
  )
  const unused = [...all, ...own].filter((each) => !said.has(JSON.stringify(each).slice(1, -1)))
  t.strictSame(unused, [])
})
