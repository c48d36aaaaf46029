import { readFile } from 'node:fs/promises'
import t from 'tap'
import { z } from 'zod'
import { makeCharacter } from './comparison-stage.ts'
import { startGateway } from './gateway.ts'

const shown = z.union([z.string(), z.number(), z.boolean()])
const Examples = z.object({ examples: z.array(z.unknown()).default([]) }).catch({ examples: [] })
const Operation = z.looseObject({
  operationId: z.string(),
  parameters: z
    .array(
      z.looseObject({
        name: z.string(),
        in: z.string(),
        example: shown.optional(),
        schema: z.looseObject({ examples: z.array(shown).default([]) }).optional(),
      }),
    )
    .default([]),
  requestBody: z
    .looseObject({
      content: z.record(z.string(), z.object({ schema: z.looseObject({ $ref: z.string().optional() }) })),
    })
    .optional(),
})
const Document = z.object({
  components: z.object({ schemas: z.record(z.string(), Examples) }),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
})
const text = await readFile(new URL('../../openapi/openapi.json', import.meta.url), 'utf8')
const { components, paths } = Document.parse(JSON.parse(text))

type Operation = z.infer<typeof Operation>

/** What a page of the documentation fills in before anybody has typed a word. */
function prefilled({ parameters, requestBody }: Operation) {
  const ref = requestBody?.content['application/json']?.schema.$ref?.split('/').at(-1) ?? ''
  const valued = parameters.flatMap(({ name, in: place, example, schema }) => {
    const value = example ?? schema?.examples[0]
    return value === undefined ? [] : [{ name, place, value: String(value) }]
  })
  return { body: components.schemas[ref]?.examples[0], valued }
}

/** Those that make characters fetch their clips from where nothing is. */
const paid = /^\/(?:generate|series|comparisons|generations|v1\/videos(?!\/characters)|v1\/sora\/generate)/

t.test('what a page fills in buys nothing, and can be sent twice', async (t) => {
  const gateway = await startGateway(t)
  // The one that the examples speak of.
  await makeCharacter(gateway, 'coffee_girl')
  const before = gateway.simulator.control.requests()
  let tried = 0
  for (const [path, methods] of Object.entries(paths)) {
    const operation = methods['post']
    if (operation === undefined || !paid.test(path)) continue
    const { body, valued } = prefilled(operation)
    if (body === undefined) continue
    const asked = valued.reduce(
      (filled, { name, place, value }) => (place === 'path' ? filled.replace(`{${name}}`, value) : filled),
      path,
    )
    const headers = Object.fromEntries(
      valued.flatMap(({ name, place, value }) => (place === 'header' ? [[name, value]] : [])),
    )
    t.notOk('idempotency-key' in headers, `${path} has no key that was used before`)
    const answers = [
      await gateway.call('POST', asked, body, headers),
      await gateway.call('POST', asked, body, headers),
    ]
    t.equal(
      answers[0]?.status,
      answers[1]?.status,
      `${path}: ${answers.map(({ status }) => status).join(', ')}`,
    )
    tried += 1
  }
  t.ok(tried >= 8, `${tried} operations`)
  await gateway.advance(1000)
  t.same(gateway.simulator.control.requests(), before, 'no upstream was asked for anything')
  t.same((await gateway.call('GET', '/generations')).body.data, [])
})

t.test('who tries POST /generate is told what it costs', async (t) => {
  const gateway = await startGateway(t)
  const operation = paths['/generate']?.['post']
  if (operation === undefined) throw new Error('there is no POST /generate')
  const { status, body } = await gateway.call('POST', '/generate', prefilled(operation).body)
  t.equal(status, 422)
  t.match(body, { code: 'no_upstream' })
  t.match(JSON.stringify(body), /over_max_cost/, 'and why')
})
