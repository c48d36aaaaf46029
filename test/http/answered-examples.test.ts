import { readFile } from 'node:fs/promises'
import addFormats from 'ajv-formats'
import { Ajv2020 } from 'ajv/dist/2020.js'
import t from 'tap'
import { z } from 'zod'
import { answers } from '../../src/gateway/http/document/answers.ts'

const Operation = z.looseObject({
  operationId: z.string(),
  responses: z.record(
    z.string(),
    z.looseObject({
      content: z
        .record(z.string(), z.looseObject({ schema: z.looseObject({}), example: z.json().optional() }))
        .optional(),
    }),
  ),
})
const Document = z.looseObject({
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
})
const text = await readFile(new URL('../../openapi/openapi.json', import.meta.url), 'utf8')
const { components, paths } = Document.parse(JSON.parse(text))

const shown = Object.values(paths)
  .flatMap((methods) => Object.values(methods))
  .flatMap(({ operationId, responses }) =>
    Object.values(responses).flatMap(({ content }) => {
      const json = content?.['application/json']
      return json?.example === undefined ? [] : [{ operationId, example: json.example, schema: json.schema }]
    }),
  )

t.test('every answer of a run is an example of its operation', async (t) => {
  const ids = shown.map(({ operationId }) => operationId)
  t.ok(ids.length > 50, `${ids.length} examples`)
  t.strictSame(ids.toSorted(), Object.keys(answers).toSorted())
})

t.test('every example keeps to the schema of its answer', async (t) => {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  addFormats.default(ajv)
  ajv.addSchema({ $id: 'https://gateway.example/openapi.json', components })
  for (const { operationId, example, schema } of shown) {
    const rooted: unknown = JSON.parse(
      JSON.stringify(schema).replaceAll('"#/', '"https://gateway.example/openapi.json#/'),
    )
    const validate = ajv.compile(z.looseObject({}).parse(rooted))
    t.ok(validate(example), `${operationId}: ${ajv.errorsText(validate.errors)}`)
  }
})
