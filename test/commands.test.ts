import { PassThrough } from 'node:stream'
import t from 'tap'
import { runDoctor } from '../src/gateway/doctor-command.ts'
import { runInit } from '../src/gateway/init/init-command.ts'
import { runMigrate } from '../src/gateway/migrate-command.ts'
import { runExport, runImport } from '../src/gateway/move-command.ts'
import type { ExitCode, Outputs } from '../src/gateway/parsing/command-line.ts'

type Run = (argv: readonly string[], outputs: Outputs) => Promise<ExitCode>
const commands: Record<string, { run: Run; options: string[]; needed?: string[] }> = {
  migrate: { run: runMigrate, options: ['--config'] },
  doctor: { run: runDoctor, options: ['--config', '--upstream'] },
  init: {
    run: (argv, outputs) => runInit(argv, { ...outputs, stdin: process.stdin }),
    options: ['--preset', '--key-env', '--base-url', '--id', '--list'],
  },
  export: { run: runExport, options: ['--config', '--to', '--media', '--no-hold', '--take-back'] },
  import: { run: runImport, options: ['--config', '--from'], needed: ['--from', 'folder'] },
}

async function run(command: Run, ...argv: string[]) {
  const told = { out: '', err: '' }
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  stdout.on('data', (bytes) => (told.out += String(bytes)))
  stderr.on('data', (bytes) => (told.err += String(bytes)))
  return { code: await command(argv, { stdout, stderr }), ...told }
}

for (const [name, { run: command, options, needed = [] }] of Object.entries(commands)) {
  t.test(`${name} lists its options, and refuses another one`, async (t) => {
    const { code, out, err } = await run(command, '--help')
    t.same({ code, err }, { code: 0, err: '' })
    t.match(out, `Usage: understudy ${name} `)
    const listed = [...out.matchAll(/^ +(?:-\w, )?(--[a-z-]+)/gm)].map(([, option]) => option)
    t.same(new Set(listed), new Set([...options, '--help']))
    const refused = await run(command, '--bogus', ...needed)
    t.same(refused, { code: 2, out: '', err: "error: unknown option '--bogus'\n" })
    const near = `${options[0]}s`
    t.same(await run(command, near, ...needed), {
      code: 2,
      out: '',
      err: `error: unknown option '${near}' (Did you mean ${options[0]}?)\n`,
    })
  })
}

t.test('what a command cannot do without is asked for in one line', async (t) => {
  t.match(await run(runImport), { code: 2, err: /^error: required option '--from <folder>'.*\n$/ })
  t.match(await run(runMigrate, '--config'), { code: 2, err: /^error: option '--config <file>'.*\n$/ })
  const missing = await run(runMigrate, '--config', '/nonexistent.yaml')
  t.match(missing, { code: 1, err: /^\/nonexistent\.yaml: cannot be read.*\n$/ })
})
