#!/usr/bin/env node
// The command line on whatever Node the machine has: one that is too old hands over to another, so plain JavaScript. A checkout runs
// its sources, the package runs what they are built to (Node strips no types below node_modules).
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const pathOf = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url))
const [oldestMajor, oldestMinor] = [22, 20]

/** `backup --to DIR`, `export`, `import` and `migrate` use the data themselves, `init` knows the presets and `doctor` asks upstreams. */
const ofGateway = new Set(['init', 'doctor', 'export', 'import', 'migrate'])
/** Programs of their own; what follows the name is theirs. */
const programs = { start: 'gateway', demo: 'demo', simulate: 'simulator' }

/** The program that a command is of: all others talk to the API. Takes from the words what that program does not know. */
function programOf(words) {
  const [command = ''] = words
  if (command === 'backup') {
    words.splice(0, words.length, ...words.slice(1).map((word) => (word === '--to' ? '--backup-to' : word)))
    return 'gateway'
  }
  if (Object.hasOwn(programs, command)) {
    words.shift()
    return programs[command]
  }
  return ofGateway.has(command) ? 'gateway' : 'cli'
}

function isNewEnough() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)
}

/** The Node of a checkout's dependencies, or one that npm fetches once and keeps in its cache. Null, and why, where there is none. */
function newerNode() {
  const installed = pathOf('node_modules/node/bin/node')
  if (existsSync(installed)) return installed
  const version = JSON.parse(readFileSync(pathOf('package.json'), 'utf8')).devDependencies.node
  const { platform, arch } = process
  // As the package `node` names them. It would fetch the same by an install script, which npm may be told not to run.
  const prefix = platform === 'darwin' && arch === 'arm64' ? 'node-bin' : 'node'
  const name = `${prefix}-${platform === 'win32' ? 'win' : platform}-${arch}@${version}`
  console.error(
    `Understudy requires Node ${oldestMajor}.${oldestMinor} or newer, and this is ${process.versions.node}. Using ${name} from npm, which is fetched once …`,
  )
  const words = [
    'exec',
    '--yes',
    '--prefer-offline',
    `--package=${name}`,
    '--',
    'node',
    '-p',
    'process.execPath',
  ]
  const { status, stdout } = spawnSync('npm', words, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    shell: platform === 'win32',
    timeout: 300_000,
  })
  const found = stdout?.trim().split('\n').at(-1) ?? ''
  if (status === 0 && existsSync(found)) return found
  console.error(
    `npm could not fetch it. Install Node ${oldestMajor}.${oldestMinor} or newer (https://nodejs.org), then run the command again.`,
  )
  return null
}

/** Ends as the child ends. A terminal signals both; what only this process is sent is passed on. */
function handOver(node, file, words) {
  const child = spawn(node, [file, ...words], { stdio: 'inherit' })
  process.on('SIGINT', () => undefined)
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    console.error(`${node} cannot be started: ${error.message}`)
    process.exitCode = 1
  })
  child.on('exit', (code) => (process.exitCode = code ?? 1))
}

const words = process.argv.slice(2)
const program = programOf(words)
const source = pathOf(`src/${program}/main.ts`)
const file = existsSync(source) ? source : pathOf(`dist/${program}/main.js`)
if (isNewEnough()) {
  process.argv.splice(1, process.argv.length, file, ...words)
  await import(new URL(`file://${file}`))
} else {
  const node = newerNode()
  if (node === null) process.exitCode = 1
  else handOver(node, file, words)
}
