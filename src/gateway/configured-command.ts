import type { Command } from 'commander'
import * as z from 'zod'
import { formatProblems } from './config/document/config-problem.ts'
import { readConfig } from './config/load-config.ts'
import { parseCommandLine, type ExitCode, type Outputs } from './parsing/command-line.ts'
import { inlineDialects, knownDialects } from './upstreams/dialects.ts'

export type Configured = Extract<ReturnType<typeof readConfig>, { ok: true }>

const configOption = z.object({ config: z.string().optional() })

/**
 * Runs a command that works without a gateway on what a configuration names: adds `--config`, and reads that file. Resolves with the
 * exit code: that of `work`, 1 if the configuration is wrong, 2 if the command line is.
 */
export async function runConfigured<Options>(
  program: Command,
  schema: z.ZodType<Options>,
  argv: readonly string[],
  outputs: Outputs,
  work: (options: Options, configured: Configured) => Promise<0 | 1>,
): Promise<ExitCode> {
  program.option('--config <file>', 'configuration file (env: UNDERSTUDY_CONFIG)')
  const line = parseCommandLine(program, z.intersection(schema, configOption), argv, outputs)
  if ('exitCode' in line) return line.exitCode
  const { config: file } = line.options
  const read = readConfig({ ...(file !== undefined && { file }), knownDialects, inlineDialects })
  if (read.ok) return work(line.options, read)
  outputs.stderr.write(`${formatProblems(read.fileName, read.problems)}\n`)
  return 1
}
