import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/** The cores that this process may use, when it starts. None where the system is not Linux. */
function allowed(): number[] {
  const file = '/proc/self/status'
  if (!existsSync(file)) return []
  // Such as `0,1` or `0-3,8`.
  const [, list = ''] = /^Cpus_allowed_list:\s+(\S+)/m.exec(readFileSync(file, 'utf8')) ?? []
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
}

/** The server has the first core to itself as far as this program is concerned, and the load comes from the second. */
const [serverCore, loadCore] = allowed()

/** With all threads, and what they start. */
function pin(pid: number, core: number): void {
  execFileSync('taskset', ['-acp', String(core), String(pid)], { stdio: 'ignore' })
}

/** Moves this process and its threads to the core of the load. Throws where there are not two cores, or no `taskset`. */
export function takeLoadCore(): void {
  if (loadCore === undefined) throw new Error('this needs Linux and two cores')
  pin(process.pid, loadCore)
}

/**
 * Gives a PostgreSQL server the core of servers and this process that of the load, with all processes that either starts. False
 * where there are not two cores, or no `taskset` (Debian's `util-linux`).
 */
export function pinApart(postmaster: number): boolean {
  if (serverCore === undefined || loadCore === undefined) return false
  if (spawnSync('taskset', ['--version']).status !== 0) return false
  const children = spawnSync('pgrep', ['-P', String(postmaster)], { encoding: 'utf8' }).stdout.split('\n')
  for (const pid of [postmaster, ...children.filter((each) => each !== '').map(Number)]) pin(pid, serverCore)
  takeLoadCore()
  return true
}

/** `command` as it is run on the core of the server. */
export function onServerCore(command: string, args: readonly string[]): [string, string[]] {
  return ['taskset', ['-c', String(serverCore ?? 0), command, ...args]]
}

/** A tick of the kernel's accounting, which is a hundredth of a second on every Linux. */
const tickMicros = 10_000

/** CPU time that a process has used so far, in microseconds, all of its threads included. */
export function cpuMicrosOf(pid: number): number {
  // The name of the program, in parentheses, may have spaces: what is counted begins behind it.
  const [, after = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(/\) (?=[^)]*$)/)
  const fields = after.split(' ')
  const [user, system] = [Number(fields[11]), Number(fields[12])]
  return (user + system) * tickMicros
}

/** Memory of a process in use now, in MB. */
export function residentMegabytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) / 1024
}
