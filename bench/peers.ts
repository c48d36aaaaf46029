/**
 * Creates per second beside other gateways that relay them, all on one core to the same upstream; docs/BENCHMARKS.md. Linux,
 * with at least two cores. `--install-only` measures nothing.
 */
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { MissingToolError } from '../openapi/clients/tool.ts'
import { startChild } from './child.ts'
import { installLitellm, startLitellmPeer } from './peers/litellm.ts'
import { installPortkey, startPortkey } from './peers/portkey.ts'
import { measureOurs, measurePeer } from './peers/relayed.ts'
import type { Peer, Relayed } from './peers/relayed.ts'
import {
  amount,
  count,
  createFigureNotes,
  flag,
  keepFigures,
  makeRoot,
  parseOptions,
  say,
} from './program.ts'
import { takeLoadCore } from './serving/cores.ts'

const peers = {
  portkey: { name: 'Portkey', install: installPortkey, start: startPortkey },
  litellm: { name: 'LiteLLM', install: installLitellm, start: startLitellmPeer },
}
type PeerName = keyof typeof peers
const names: readonly PeerName[] = ['portkey', 'litellm']

const given = parseOptions(names, {
  'install-only': flag,
  rounds: count(3),
  seconds: amount(4),
  connections: count(50),
})
const how = { connections: given.connections, warmUpSeconds: 2, seconds: given.seconds }
const notes = createFigureNotes()

function note(name: string, { perSecond, cpuMicros, p99 }: Relayed): void {
  notes.note(`${name}: creates sent on`, '1/s', 0, perSecond)
  notes.note(`${name}: CPU each`, 'µs', 0, cpuMicros)
  notes.note(`${name}: p99 of an answer`, 'ms', 0, p99)
}

/** Where each chosen peer is installed. One that cannot be had here is told, and left out. */
async function install(): Promise<Map<PeerName, string>> {
  const installed = new Map<PeerName, string>()
  for (const name of given.only) {
    try {
      installed.set(name, await peers[name].install())
    } catch (error) {
      if (!(error instanceof MissingToolError)) throw error
      say(`${peers[name].name}: not run; ${error.message}`)
    }
  }
  return installed
}

async function measureAll(installed: ReadonlyMap<PeerName, string>): Promise<void> {
  const root = await makeRoot(given.directory, 'peers')
  takeLoadCore()
  await using opened = new AsyncDisposableStack()
  const upstream = opened.use(await startChild({ type: 'upstream', holds: false }))
  const started: Array<{ name: string; peer: Peer }> = []
  for (const [name, where] of installed) {
    const peer = opened.use(await peers[name].start(where, upstream.address))
    // One that rests does not hear of the end of this process by itself.
    process.once('exit', () => kill(peer.pid))
    started.push({ name: peers[name].name, peer })
    process.kill(peer.pid, 'SIGSTOP')
  }
  for (let round = 0; round < given.rounds; round++) {
    const ours = async () => measureOurs(await mkdtemp(join(root, 'run-')), upstream, how)
    const contenders = [
      { name: 'gateway', measured: ours },
      ...started.map(({ name, peer }) => ({ name, measured: () => measurePeer(peer, upstream, how) })),
    ]
    // Another order each time, so that nobody always follows the same neighbour.
    const first = round % contenders.length
    const rates = new Map<string, number>()
    for (const { name, measured } of [...contenders.slice(first), ...contenders.slice(0, first)]) {
      const relayed = await measured()
      note(name, relayed)
      rates.set(name, relayed.perSecond)
    }
    for (const { name } of started)
      notes.note(
        `gateway / ${name}`,
        '',
        2,
        (rates.get('gateway') ?? Number.NaN) / (rates.get(name) ?? Number.NaN),
      )
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}

const installed = await install()
if (!given['install-only']) {
  if (installed.size > 0) {
    await measureAll(installed)
    say(notes.shown())
  }
  await keepFigures(given.json, { given, rows: notes.rows() })
}
