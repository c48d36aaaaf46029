import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import t from 'tap'
import { runCli } from '../../src/cli/program.ts'
import { runExport, runImport } from '../../src/gateway/move-command.ts'
import { runDoctor } from '../../src/gateway/doctor-command.ts'
import { runMigrate } from '../../src/gateway/migrate-command.ts'
import { runInit } from '../../src/gateway/init/init-command.ts'
import { root, textOf } from './files.ts'

interface Command {
  page: string
  line: string
  /** Without what it is given: the names of the command and of its subcommand, if any. */
  names: string[]
  options: string[]
}

const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith('.md'),
)

/** Every command line of `understudy` in code of a page. */
function commandsOf(page: string): Command[] {
  const text = textOf(page)
  const blocks = [...text.matchAll(/^```\w*\n([^]*?)^```/gm)].map(([, block = '']) => block)
  const inline = [...text.replaceAll(/^```[^]*?^```/gm, '').matchAll(/`(understudy [^`]+)`/g)].map(
    ([, line = '']) => line.replaceAll('\n', ' '),
  )
  const lines = [...blocks.flatMap((block) => block.split('\n')), ...inline]
  return lines.flatMap((line) => {
    const [, words = ''] = /^(?:\$ )?understudy ([^#|&]+)/.exec(line) ?? []
    const [first = '', second = ''] = words.trim().split(/\s+/)
    if (first === '' || first.startsWith('-')) return []
    const names = [first, ...(groups.has(first) && /^[a-z-]+$/.test(second) ? [second] : [])]
    const options = [...words.matchAll(/(?<=\s)--[a-z-]+/g)].map(([option]) => option)
    return [{ page, line, names, options }]
  })
}

/** Commands that have subcommands. */
const groups = new Set(['characters', 'series', 'keys', 'tenants', 'resolve'])

/** The text of `--help`; null where there is no such command. */
async function helpOf([name = '', ...names]: string[]): Promise<string | null> {
  let text = ''
  const stream = () => {
    const made = new PassThrough()
    made.on('data', (bytes) => (text += String(bytes)))
    return Object.assign(made, { isTTY: false })
  }
  const [stdin, stdout, stderr] = [stream(), stream(), stream()]
  // `backup` is rewritten to options of the gateway before anything is parsed (.tooling/understudy.mjs).
  if (name === 'backup') return '--to --media --config'
  // Programs of their own, whose words it leaves to them.
  if (name === 'start') return '--config --check-config --try-dialect --fixture --restored --address-file'
  if (name === 'simulate') return '--port --host'
  if (name === 'demo') return ''
  if (name === 'init')
    return (await runInit(['--help'], { stdin: process.stdin, stdout, stderr })) === 0 ? text : null
  const move = name === 'export' ? runExport : name === 'import' ? runImport : null
  if (move !== null) return (await move(['--help'], { stdout, stderr })) === 0 ? text : null
  if (name === 'migrate') return (await runMigrate(['--help'], { stdout, stderr })) === 0 ? text : null
  if (name === 'doctor') return (await runDoctor(['--help'], { stdout, stderr })) === 0 ? text : null
  const terminal = {
    env: {},
    home: '/nonexistent',
    configFolder: '/nonexistent',
    stdin,
    stdout,
    stderr,
    signal: new AbortController().signal,
  }
  const code = await runCli([name, ...names, '--help'], terminal)
  // The help of the whole program is the answer to a name that it does not know.
  return code === 0 && text.startsWith(`Usage: understudy ${[name, ...names].join(' ')}`) ? text : null
}

t.test('every command and option of the documents exists', async (t) => {
  const commands = pages.flatMap(commandsOf)
  t.ok(commands.length > 40, `${commands.length} commands`)
  const helps = new Map<string, Promise<string | null>>()
  for (const { page, line, names, options } of commands) {
    const key = names.join(' ')
    const asked = helps.get(key) ?? helpOf(names)
    helps.set(key, asked)
    const help = await asked
    if (help === null) {
      t.fail(`${page}: there is no command ${key}: ${line}`)
      continue
    }
    for (const option of options)
      t.ok(new RegExp(`${option}\\b`).test(help), `${page}: ${key} has ${option}: ${line}`)
  }
})

t.test('a command that does not exist is found', async (t) => {
  t.equal(await helpOf(['rezolve']), null)
  t.match(await helpOf(['pause']), '--reason')
})
