import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:http'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import type { Test } from 'tap'
import { addressOf } from '../e2e/gateway-process.ts'
import { configText, official, reverse } from '../e2e/gateway.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import type { Simulator } from '../../src/simulator/simulator.ts'

const main = new URL('../../src/gateway/main.ts', import.meta.url).pathname

export interface RealGateway {
  address: string
  port: number
  child: ChildProcess
  simulator: Simulator
  /** Its data directory. */
  directory: string
  /** Resident memory in MB. */
  memory(): number
  /** The number of open descriptors. */
  descriptors(): number
  /**
   * The number of open sockets beyond those at the start. Sockets that were reset are in no table of the system, so
   * descriptors are counted.
   */
  connections(): number
}

/** The gateway as a process with a limit of descriptors. It is killed at the end of the test. */
export async function startRealGateway(t: Test, descriptors?: number): Promise<RealGateway> {
  const directory = await mkdtemp(join(tmpdir(), 'understudy-edge-'))
  const simulator = await startSimulator({ upstreams: [reverse, official] })
  const file = join(directory, 'understudy.yaml')
  await writeFile(file, configText(simulator, [reverse, official], directory))
  const limit = descriptors === undefined ? '' : `ulimit -n ${descriptors}; `
  const command = `${limit}exec "${process.execPath}" "${main}" --config "${file}"`
  const child = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(async () => {
    const ended = child.exitCode !== null || child.signalCode !== null || once(child, 'exit')
    child.kill('SIGKILL')
    await ended
    await simulator.close()
    await rm(directory, { recursive: true, force: true })
  })
  const address = await addressOf(child, createInterface({ input: child.stdout }))
  const port = Number(new URL(address).port)
  const sockets = (): number => descriptorsOf(child).filter((target) => target.startsWith('socket:')).length
  const atFirst = sockets()
  return {
    address,
    port,
    child,
    simulator,
    directory,
    memory: () =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024,
    descriptors: () => descriptorsOf(child).length,
    connections: () => sockets() - atFirst,
  }
}

function descriptorsOf({ pid }: ChildProcess): string[] {
  return readdirSync(`/proc/${pid}/fd`).map((descriptor) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${descriptor}`)
    } catch {
      return 'closed meanwhile'
    }
  })
}

export async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

/** All data that is received until the connection closes. */
export async function answersOf(socket: Socket): Promise<string> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve))
  return Buffer.concat(chunks).toString()
}

/** Whether it responds, on a new connection. */
export async function isAlive(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = get(`${address}/health/live`, { agent: false, timeout: 30_000 }, (answer) => {
      answer.resume().once('close', () => resolve(answer.statusCode === 200))
    })
    asked.once('error', () => resolve(false)).once('timeout', () => asked.destroy())
  })
}

/** Waits until it has no open connections; false after ten seconds. */
export async function isQuiet(gateway: RealGateway): Promise<boolean> {
  for (let tries = 0; tries < 500; tries++) {
    if (gateway.connections() === 0) return true
    await pause(20)
  }
  return false
}
