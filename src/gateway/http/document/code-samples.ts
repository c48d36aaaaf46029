import type { Json } from '../../domain/json.ts'
import { sampledCall } from './sampled-call.ts'
import type { JsonObject, SampledCall } from './sampled-call.ts'

/** The samples take the address and the key from the environment, so that no key is pasted into a file. */
const urlName = 'UNDERSTUDY_URL'
const keyName = 'UNDERSTUDY_KEY'

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

function curl({ method, path, isKeyed, body, answer }: SampledCall): string {
  const begin = method === 'HEAD' ? 'curl --head' : `curl${method === 'GET' ? '' : ` -X ${method}`}`
  const lines = [`${begin}${answer === 'stream' ? ' -N' : ''} "$${urlName}${path}"`]
  if (isKeyed) lines.push(`-H "authorization: Bearer $${keyName}"`)
  if (body?.type === 'json')
    lines.push("-H 'content-type: application/json'", `-d ${quoted(JSON.stringify(body.value))}`)
  if (body?.type === 'form')
    for (const { name, value, isFile } of body.fields)
      lines.push(`-F ${quoted(`${name}=${isFile ? '@' : ''}${value}`)}`)
  if (answer === 'bytes') lines.push('--output answer')
  return lines.join(' \\\n  ')
}

function typescript({ method, path, isKeyed, body, answer }: SampledCall): string {
  const headers = [
    ...(isKeyed ? [`authorization: \`Bearer \${process.env.${keyName}}\``] : []),
    ...(body?.type === 'json' ? ["'content-type': 'application/json'"] : []),
  ]
  const init = [
    ...(method === 'GET' ? [] : [`  method: '${method}',`]),
    ...(headers.length > 0 ? [`  headers: { ${headers.join(', ')} },`] : []),
    ...(body?.type === 'json' ? [`  body: JSON.stringify(${JSON.stringify(body.value)}),`] : []),
    ...(body?.type === 'form' ? ['  body: form,'] : []),
  ]
  const url = `\`\${process.env.${urlName}}${path}\``
  return [
    ...(body?.type === 'form' ? [...formLines(body.fields), ''] : []),
    init.length === 0
      ? `const response = await fetch(${url})`
      : `const response = await fetch(${url}, {\n${init.join('\n')}\n})`,
    {
      json: 'console.log(response.status, await response.json())',
      text: 'console.log(response.status, await response.text())',
      bytes: 'const bytes = new Uint8Array(await response.arrayBuffer())',
      stream:
        'for await (const text of response.body!.pipeThrough(new TextDecoderStream())) process.stdout.write(text)',
      nothing: 'console.log(response.status)',
    }[answer],
  ].join('\n')
}

function formLines(fields: Extract<NonNullable<SampledCall['body']>, { type: 'form' }>['fields']): string[] {
  return [
    "import { openAsBlob } from 'node:fs'",
    '',
    'const form = new FormData()',
    ...fields.map(({ name, value, isFile }) =>
      isFile
        ? `form.set('${name}', await openAsBlob('${value}'), '${value}')`
        : `form.set('${name}', '${value}')`,
    ),
  ]
}

/** A value as Python writes it. */
function literal(value: Json): string {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (typeof value !== 'object') return JSON.stringify(value)
  const members = Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}: ${literal(each)}`)
  return `{${members.join(', ')}}`
}

function python({ method, path, isKeyed, body, answer }: SampledCall): string {
  const values = [
    `os.environ["${urlName}"] + ${JSON.stringify(path)}`,
    ...(isKeyed ? [`headers={"authorization": "Bearer " + os.environ["${keyName}"]}`] : []),
    ...(body?.type === 'json' ? [`json=${literal(body.value)}`] : []),
    ...(answer === 'stream' ? ['stream=True'] : []),
  ]
  if (body?.type === 'form') {
    const plain = body.fields.filter(({ isFile }) => !isFile)
    const files = body.fields.filter(({ isFile }) => isFile)
    values.push(`data={${plain.map(({ name, value }) => `"${name}": "${value}"`).join(', ')}}`)
    values.push(`files={${files.map(({ name, value }) => `"${name}": open("${value}", "rb")`).join(', ')}}`)
  }
  return [
    'import os',
    '',
    'import requests',
    '',
    `response = requests.${method.toLowerCase()}(`,
    ...values.map((each) => `    ${each},`),
    ')',
    {
      json: 'print(response.status_code, response.json())',
      text: 'print(response.status_code, response.text)',
      bytes: 'content = response.content',
      stream: 'for line in response.iter_lines(decode_unicode=True):\n    print(line)',
      nothing: 'print(response.status_code)',
    }[answer],
  ].join('\n')
}

const languages = [
  { lang: 'Shell', label: 'curl', write: curl },
  { lang: 'TypeScript', label: 'TypeScript', write: typescript },
  { lang: 'Python', label: 'Python', write: python },
]

/** Gives each operation `x-codeSamples`, as Redoc and other viewers show them: one call, written in each language. */
export function addCodeSamples({ paths, schemas }: { paths: JsonObject; schemas: JsonObject }): void {
  for (const [path, methods] of Object.entries(paths)) {
    if (typeof methods !== 'object' || methods === null || Array.isArray(methods)) continue
    for (const [method, operation] of Object.entries(methods)) {
      if (typeof operation !== 'object' || operation === null || Array.isArray(operation)) continue
      const call = sampledCall({ method, path, operation }, schemas)
      operation['x-codeSamples'] = languages.map(({ lang, label, write }) => ({
        lang,
        label,
        source: write(call),
      }))
    }
  }
}
