import { execFile } from 'node:child_process'
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import type { Test } from 'tap'
import { z } from 'zod'

const launcher = new URL('../../.tooling/understudy.mjs', import.meta.url).pathname
const run = promisify(execFile)
const failed = z.object({ code: z.number(), stdout: z.string(), stderr: z.string() })

/** Says which program ran and what it was given, and ends with 7 if asked. */
const program = `
const [, main, ...words] = process.argv
console.log(JSON.stringify({ ran: main.split('/').slice(-3).join('/'), words, node: process.versions.node }))
process.exitCode = words.includes('--fail') ? 7 : 0
`
/** What makes Node believe that it is another one. */
const old = `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.20.2'}})`

interface Installation {
  call: (
    words: string[],
    options?: { isOld?: boolean },
  ) => Promise<{ code: number; out: string; err: string }>
}

/** A folder as the package is installed, with programs that only say what they were given. */
async function install(
  t: Test,
  { programs, npm }: { programs: string[]; npm: string },
): Promise<Installation> {
  const folder = t.testdir()
  await mkdir(join(folder, '.tooling'))
  await copyFile(launcher, join(folder, '.tooling/understudy.mjs'))
  const manifest = { type: 'module', devDependencies: { node: '24.21.0' } }
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest))
  for (const path of programs) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), program)
  }
  await writeFile(join(folder, 'npm'), `#!/bin/sh\n${npm}\n`)
  await chmod(join(folder, 'npm'), 0o755)
  return {
    async call(words, { isOld = false } = {}) {
      const flags = isOld ? ['--import', old] : []
      const args = [...flags, join(folder, '.tooling/understudy.mjs'), ...words]
      try {
        const { stdout, stderr } = await run(process.execPath, args, {
          env: { PATH: `${folder}:/usr/bin:/bin` },
        })
        return { code: 0, out: stdout, err: stderr }
      } catch (error) {
        const { code, stdout, stderr } = failed.parse(error)
        return { code, out: stdout, err: stderr }
      }
    },
  }
}

const names = ['cli', 'gateway', 'simulator', 'demo']
const built = names.map((name) => `dist/${name}/main.js`)

t.test('each command runs its program, which is given what it knows', async (t) => {
  const { call } = await install(t, { programs: built, npm: 'exit 1' })
  const cases: [string[], string, string[]][] = [
    [['generate', 'a boat'], 'cli', ['generate', 'a boat']],
    [[], 'cli', []],
    [['start', '--config', 'a.yaml'], 'gateway', ['--config', 'a.yaml']],
    [['simulate', '--port', '0'], 'simulator', ['--port', '0']],
    [['demo'], 'demo', []],
    [['doctor', '--upstream', 'a'], 'gateway', ['doctor', '--upstream', 'a']],
    [['backup', '--to', 'b', '--media'], 'gateway', ['--backup-to', 'b', '--media']],
  ]
  for (const [words, name, given] of cases) {
    const { out, err } = await call(words)
    t.match(JSON.parse(out), { ran: `dist/${name}/main.js`, words: given }, words.join(' '))
    t.equal(err, '')
  }
})

t.test('a checkout runs its sources, whatever was built in it', async (t) => {
  const { call } = await install(t, { programs: ['src/cli/main.ts', ...built], npm: 'exit 1' })
  t.match(JSON.parse((await call(['models'])).out), { ran: 'src/cli/main.ts' })
})

t.test('a Node that is too old hands over to one of npm, with all words and the exit code', async (t) => {
  const npm = `echo "$@" >&2; echo ${process.execPath}`
  const { call } = await install(t, { programs: built, npm })
  const { code, out, err } = await call(['start', '--fail', 'a b'], { isOld: true })
  t.match(JSON.parse(out), {
    ran: 'dist/gateway/main.js',
    words: ['--fail', 'a b'],
    node: process.versions.node,
  })
  t.equal(code, 7)
  t.match(err, 'Understudy requires Node 22.20 or newer, and this is 20.20.2.')
  t.match(err, /exec --yes --prefer-offline --package=node\S+@24\.21\.0 -- node -p process\.execPath/)
})

t.test('without npm’s registry, a Node that is too old says what to install', async (t) => {
  const { call } = await install(t, { programs: built, npm: 'exit 1' })
  const { code, out, err } = await call(['start'], { isOld: true })
  t.same({ code, out }, { code: 1, out: '' })
  t.match(err, 'Install Node 22.20 or newer')
})
