import { randomBytes } from 'node:crypto'
import { Command } from 'commander'
import { pino } from 'pino'
import * as z from 'zod'
import { runConfigured, type Configured } from './configured-command.ts'
import type { ExitCode, Outputs } from './parsing/command-line.ts'
import type { Config, Secrets } from './config/settings.ts'
import { systemClock } from './process/system-clock.ts'
import { databaseLines, doctorLines, listenLines, needsAttention } from './doctor-report.ts'
import { probeUpstream } from './services/operations/probe-upstream.ts'
import { probeListening } from './storage/postgres/probe-listening.ts'
import { probePostgres } from './storage/postgres/probe-postgres.ts'
import { listenSettings, postgresSettings } from './wiring/open-postgres-data.ts'
import { openUpstreams } from './wiring/upstreams.ts'

/**
 * `understudy doctor`: checks a configuration and asks each of its upstreams what costs nothing. It needs no running gateway,
 * reads no data and writes none. Resolves with the exit code: 1 if an upstream or a database server needs somebody to look at it.
 */
export function runDoctor(argv: readonly string[], outputs: Outputs): Promise<ExitCode> {
  const program = new Command('understudy doctor')
    .description('Check a configuration, and ask its upstreams what costs nothing: jobs, models, balances.')
    .option('--upstream <id...>', 'only these upstreams')
  const schema = z.object({ upstream: z.array(z.string()).optional() })
  return runConfigured(program, schema, argv, outputs, ({ upstream }, configured) =>
    doctor(upstream, configured, outputs),
  )
}

async function doctor(
  named: readonly string[] | undefined,
  { config, secrets, warnings }: Configured,
  { stdout, stderr }: Outputs,
): Promise<0 | 1> {
  const refuse = (text: string): 1 => {
    stderr.write(`${text}\n`)
    return 1
  }
  if (config.builtins.upstreams)
    return refuse('There is no configuration to examine. Name the file with --config or UNDERSTUDY_CONFIG.')
  const known = config.upstreams.map(({ spec }) => spec.id)
  const unknown = named?.filter((id) => !known.includes(id)) ?? []
  if (unknown.length > 0)
    return refuse(`Not configured: ${unknown.join(', ')}. The upstreams are ${known.join(', ')}.`)
  for (const warning of warnings) stderr.write(`warning: ${warning}\n`)
  return examine(config, secrets, named ?? known, stdout)
}

async function examine(
  config: Config,
  secrets: Secrets,
  only: readonly string[],
  stdout: NodeJS.WritableStream,
): Promise<0 | 1> {
  await using opened = new AsyncDisposableStack()
  const { directory } = openUpstreams(opened, config, secrets, {
    logger: pino({ level: 'silent' }),
    clock: systemClock,
    // It tells accounts apart in the database, which is not opened here.
    own: { gatewayKey: '', linkSecret: randomBytes(32).toString('hex') },
    routing: config.routing,
    wrap: undefined,
  })
  const asked = directory.all().filter(({ spec }) => only.includes(spec.id))
  // Each call has a deadline of its own, and each upstream its own connections.
  const reports = await Promise.all(
    asked.map(async (upstream) => ({ spec: upstream.spec, report: await probeUpstream(upstream) })),
  )
  const troubled = reports.filter(({ report }) => needsAttention(report))
  const database = await askDatabase(config, secrets)
  const lines = reports.flatMap(({ spec, report }) => doctorLines(spec, report))
  const names = [...(database.ok ? [] : ['the database']), ...troubled.map(({ spec }) => spec.id)]
  const conclusion = names.length === 0 ? 'Nothing needs attention.' : `Needs attention: ${names.join(', ')}.`
  stdout.write(`${[...database.lines, ...lines, '', conclusion].join('\n')}\n`)
  return names.length === 0 ? 0 : 1
}

/** A file needs no asking. */
async function askDatabase({ storage }: Config, secrets: Secrets): Promise<{ ok: boolean; lines: string[] }> {
  if (storage.type === 'sqlite') return { ok: true, lines: [] }
  const settings = postgresSettings(storage, secrets.database?.url ?? '')
  const probe = await probePostgres(settings)
  const lines = databaseLines(storage.address, probe)
  // Where it does not answer, nobody could tell what is to be heard.
  if (!probe.ok) return { ok: false, lines }
  const listen = listenSettings(storage, secrets.database?.listen.url ?? '')
  const isElsewhere = storage.listen.address !== storage.address
  const listening = listenLines(await probeListening({ listen, notify: settings }), {
    listenAddress: isElsewhere ? storage.listen.address : null,
    isPooled: !storage.preparedStatements && !isElsewhere,
  })
  return { ok: listening.ok, lines: [...lines, ...listening.lines] }
}
