import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** The server has this core to itself as far as this program is concerned, and the load comes from another one. */
export const serverCore = 0
const loadCore = 1

/** Moves this process and its threads to the core of the load. Linux. */
export function takeLoadCore(): void {
  execFileSync('taskset', ['-a', '-p', '-c', String(loadCore), String(process.pid)], { stdio: 'ignore' })
}

/** `command` as it is run on the core of the server. */
export function onServerCore(command: string, args: readonly string[]): [string, string[]] {
  return ['taskset', ['-c', String(serverCore), command, ...args]]
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
