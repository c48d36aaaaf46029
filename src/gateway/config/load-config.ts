import { readFileSync } from 'node:fs'
import { adminKeyOf, adminKeyProblems } from './keys/admin-key.ts'
import { findContradictions } from './contradictions.ts'
import type { ConfigDocument } from './document/document.ts'
import { readDocument } from './document/document.ts'
import { outlineOf } from './document/outline.ts'
import { overrideFromEnvironment } from './overrides.ts'
import type { ConfigProblem, Fault, Path } from './document/config-problem.ts'
import { formatPath, formatProblems, pathKey } from './document/config-problem.ts'
import { findDialectFaults } from './contradictions/inline-dialects.ts'
import type { Config, InlineDialects, KnownDialects, Secrets } from './settings.ts'
import { fileSchema } from './schema/schema.ts'
import { completeConfig } from './complete-config.ts'
import { shownSettings } from './shown-settings.ts'
import type { ShownSettings } from './shown-settings.ts'
import { summarize } from './summary.ts'
import { validate } from './validate.ts'
import { faultOf } from './document/file-fault.ts'
import { readSecretFile } from './document/secret-file.ts'
import type { Environment, Outside } from './document/variables.ts'

export type LoadedConfig =
  | { ok: true; config: Config; secrets: Secrets; shown: ShownSettings; warnings: string[] }
  | { ok: false; problems: ConfigProblem[] }

interface Dialects {
  knownDialects: KnownDialects
  inlineDialects?: InlineDialects
}

/**
 * Checks and completes a configuration; its only I/O is `readSecretFile`. `text` is null when there is no file: then
 * `config.builtins` asks for the simulator's upstreams. All problems are reported at once; neither they nor the warnings hold
 * a value of the file, of the environment or of a secret's file.
 */
export function loadConfig(
  input: { text: string | null; fileName: string | null } & Pick<Outside, 'env'> &
    Partial<Outside> &
    Dialects,
): LoadedConfig {
  const { text, fileName, env, knownDialects, inlineDialects } = input
  const { readSecretFile: readFile = noFiles } = input
  const document = readDocument(text ?? '', { env, readSecretFile: readFile })
  const { root } = document
  if (root === null) return { ok: false, problems: document.problems }

  const origins = overrideFromEnvironment(root, env)
  const isFromEnvironment = (path: Path) => {
    const key = pathKey(path)
    return origins.has(key) || document.variables.has(key)
  }
  const dialects = { known: knownDialects, inline: inlineDialects }
  const dialectFaults = findDialectFaults(root, dialects, isFromEnvironment)
  const { settings, faults } = validate(fileSchema, root, isFromEnvironment)
  const outline = outlineOf(root)
  const contradictions = findContradictions(outline, knownDialects, inlineDialects)
  const locate = (fault: Fault) => problemOf(fault, document, origins)
  const problems = [
    ...document.problems,
    ...adminKeyProblems(
      env,
      outline.auth.keys.map(({ key }) => key),
    ),
    ...[
      ...faults,
      ...dialectFaults,
      ...contradictions.faults,
      ...(text === null ? [] : withoutUpstreams(root)),
    ]
      .filter(
        ({ path, at }) => at === 'key' || origins.has(pathKey(path)) || !document.faulty.has(pathKey(path)),
      )
      .map(locate),
  ]
  if (problems.length > 0 || settings === null) return { ok: false, problems }

  const { config, secrets } = completeConfig(settings, dialects, text !== null, adminKeyOf(env))
  const warnings = contradictions.warnings.map((warning) => formatProblems(fileName, [locate(warning)]))
  if (text !== null && config.builtins.key && config.server.role !== 'worker') {
    warnings.push('auth.keys: no key is configured; one is generated and kept in the data folder')
  }
  return { ok: true, config, secrets, shown: shownSettings(settings, secrets), warnings }
}

const noFiles: Outside['readSecretFile'] = () => ({ fault: 'cannot be read here' })

/** A file that configures nothing would render on the simulator unnoticed. */
function withoutUpstreams(root: Record<string, unknown>): Fault[] {
  const { upstreams = [] } = root
  const message =
    'is required; configure at least one upstream (the simulator is used only when there is no file)'
  return Array.isArray(upstreams) && upstreams.length === 0
    ? [{ path: ['upstreams'], message, at: 'value' }]
    : []
}

function problemOf(
  fault: Fault,
  document: ConfigDocument,
  origins: ReadonlyMap<string, string>,
): ConfigProblem {
  const { path, message, at } = fault
  const origin = origins.get(pathKey(path))
  if (origin !== undefined)
    return { line: null, column: null, path: origin, message: `${message} (environment variable)` }
  const variables = document.variables.get(pathKey(path)) ?? []
  const source =
    variables.length === 0 ? '' : ` (read from ${variables.map((name) => `\${${name}}`).join(', ')})`
  return { ...document.locate(path, at), path: formatPath(path), message: `${message}${source}` }
}

/** Reads `text` where it is given, else `file`, else the file that UNDERSTUDY_CONFIG names, else none. */
export function readConfig(
  options: { text?: string; file?: string } & Dialects,
  env: Environment = process.env,
): LoadedConfig & { fileName: string | null } {
  const named = options.file ?? env['UNDERSTUDY_CONFIG'] ?? ''
  const fileName = named === '' ? null : named
  const { text: given, knownDialects, inlineDialects } = options
  const dialects = {
    knownDialects,
    ...(inlineDialects !== undefined && { inlineDialects }),
  }
  if (given !== undefined || fileName === null) {
    return {
      ...loadConfig({ text: given ?? null, fileName: null, env, readSecretFile, ...dialects }),
      fileName: null,
    }
  }
  let text: string
  try {
    text = readFileSync(fileName, 'utf8')
  } catch (error) {
    const message = `cannot be read: ${faultOf(error)}`
    return { ok: false, problems: [{ line: null, column: null, path: fileName, message }], fileName }
  }
  return { ...loadConfig({ text, fileName, env, readSecretFile, ...dialects }), fileName }
}

/**
 * The same for a file whose secret may not be there yet: a variable that is not set is checked with a stand-in. `isSet`: whether
 * it is.
 */
export function checkConfigWith(
  file: string,
  dialects: Dialects,
  variable: string | null,
  env: Environment = process.env,
): { ok: boolean; report: string; isSet: boolean } {
  const isSet = variable === null || (env[variable] ?? '') !== ''
  const filled = isSet ? env : { ...env, [variable]: standIn }
  return { ...checkConfig(file, dialects, filled), isSet }
}

const standIn = 'stand-in-for-a-key-that-is-not-set'

/** For `--check-config`: a summary of a valid file, or all its problems. */
export function checkConfig(
  file: string,
  dialects: Dialects,
  env: Environment = process.env,
): { ok: boolean; report: string } {
  const loaded = readConfig({ file, ...dialects }, env)
  if (loaded.ok) return { ok: true, report: summarize(file, loaded.config, loaded.warnings) }
  const { problems } = loaded
  const count = `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`
  return { ok: false, report: `${formatProblems(file, problems)}\n${count}` }
}
