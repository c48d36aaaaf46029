import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { parseSync } from 'oxc-parser'
import t from 'tap'
import { z } from 'zod'

const run = promisify(execFile)

const Operation = z.looseObject({
  operationId: z.string(),
  'x-codeSamples': z.array(z.object({ lang: z.string(), label: z.string(), source: z.string() })),
})
const Document = z.object({ paths: z.record(z.string(), z.record(z.string(), Operation)) })
const text = await readFile(new URL('../../openapi/openapi.json', import.meta.url), 'utf8')
const operations = Object.entries(Document.parse(JSON.parse(text)).paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
)

const samplesIn = (lang: string) =>
  operations.map(({ operation }) => ({
    id: operation.operationId,
    source: operation['x-codeSamples'].find((each) => each.lang === lang)?.source ?? '',
  }))

t.test('every operation is shown in three languages, with its method and path', async (t) => {
  for (const { method, path, operation } of operations) {
    const samples = operation['x-codeSamples']
    t.strictSame(
      samples.map(({ lang }) => lang),
      ['Shell', 'TypeScript', 'Python'],
      operation.operationId,
    )
    const [fixed = ''] = path.split('{')
    for (const { lang, source } of samples) {
      t.ok(source.includes(fixed), `${operation.operationId} in ${lang}: ${fixed}`)
      t.notMatch(source, /\{(?:id|name|number|model|upstream|operation)\}/, 'has no placeholder')
      if (method !== 'get') t.match(source.toLowerCase(), method, `${operation.operationId} in ${lang}`)
    }
  }
})

t.test('the samples are programs', async (t) => {
  for (const { id, source } of samplesIn('TypeScript')) {
    const { errors } = parseSync(`${id}.mts`, source)
    t.strictSame(errors, [], `${id} in TypeScript`)
  }
  const shell = samplesIn('Shell').map(({ source }) => source)
  await t.resolves(run('bash', ['-n', '-c', shell.join('\n')]), 'those for the shell')
  const python = samplesIn('Python').map(({ source }) => source)
  const parses = 'import ast, json, sys\nfor each in json.loads(sys.argv[1]): ast.parse(each)'
  await t.resolves(run('python3', ['-c', parses, JSON.stringify(python)]), 'those in Python')
})
