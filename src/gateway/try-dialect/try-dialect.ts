import { readFileSync } from 'node:fs'
import { stringify } from 'yaml'
import type { z } from 'zod'
import { readDocument } from '../config/document/document.ts'
import { formatProblems, pathKey } from '../config/document/config-problem.ts'
import type { ConfigProblem, Path } from '../config/document/config-problem.ts'
import { validate } from '../config/validate.ts'
import { fixtureSchema, play } from './fixture.ts'
import type { Fixture } from './fixture.ts'
import { createDescribedDialect } from '../upstreams/described/described-dialect.ts'
import { isPreset } from '../upstreams/described/preset-names.ts'
import { parseDescription, presetFile } from '../upstreams/described/presets.ts'
import { inlineDialects } from '../upstreams/dialects.ts'
import { trialSettings } from './settings.ts'

/**
 * For `--try-dialect`: what a description would send, and how it reads recorded answers; or what is wrong with either file.
 * `file`: a description, or the name of a preset. Nothing is sent.
 */
export function tryDialect({ file, fixture }: { file: string; fixture: string | undefined }): {
  ok: boolean
  report: string
} {
  const description = read(isPreset(file) ? presetFile(file) : file, (root) => {
    const whole = inlineDialects.whole(root)
    return { root: whole, schema: inlineDialects.schemaOf(whole) }
  })
  if ('problems' in description) return { ok: false, report: description.problems }
  const recorded: { root: Record<string, unknown> } | { problems: string } =
    fixture === undefined ? { root: {} } : read(fixture, (root) => ({ root, schema: fixtureSchema }))
  if ('problems' in recorded) return { ok: false, report: recorded.problems }

  const name = inlineDialects.nameOf(description.root)
  const dialect = createDescribedDialect(trialSettings(name), parseDescription(description.root))
  const given: Fixture = fixtureSchema.parse(recorded.root)
  const sections = play(dialect, given).map(({ title, steps }) => `${title}\n${indent(steps)}`)
  return { ok: true, report: sections.join('\n') }
}

const namesAsValues = new Proxy<Record<string, string>>(
  {},
  {
    has: () => true,
    get: (_target, name) => String(name),
    getOwnPropertyDescriptor: (_target, name) => ({
      value: String(name),
      configurable: true,
      enumerable: true,
    }),
  },
)

type Read = { root: Record<string, unknown> } | { problems: string }

function read(
  file: string,
  open: (root: Record<string, unknown>) => { root: Record<string, unknown>; schema: z.ZodType },
): Read {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    return { problems: `${file}: cannot be read (${reason})` }
  }
  // A trial needs no secrets: a variable stands for its own name, and a file for its path.
  const document = readDocument(text, { env: namesAsValues, readSecretFile: (path) => ({ text: path }) })
  const isVariable = (path: Path) => document.variables.has(pathKey(path))
  const { problems } = document
  if (document.root === null) return { problems: formatProblems(file, problems) }
  const { root, schema } = open(document.root)
  const found = validate(schema, root, isVariable)
    .faults.filter(({ path, at }) => at === 'key' || !document.faulty.has(pathKey(path)))
    .map(({ path, message, at }): ConfigProblem => {
      const where = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('')
      return { ...document.locate(path, at), path: where.replace(/^\./, ''), message }
    })
  return problems.length + found.length === 0
    ? { root }
    : { problems: formatProblems(file, [...problems, ...found]) }
}

function indent(steps: readonly object[]): string {
  return steps
    .map((step) => stringify(step, { lineWidth: 110 }).trimEnd())
    .join('\n')
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')
}
