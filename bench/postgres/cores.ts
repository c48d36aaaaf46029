import { execFileSync, spawnSync } from 'node:child_process'
import { z } from 'zod'

/** Such as `0,1` or `0-3,8`. */
const cpuList = z.string().regex(/^\d+(-\d+)?(,\d+(-\d+)?)*$/)

function allowed(): number[] {
  const { stdout, status } = spawnSync('taskset', ['-cp', String(process.pid)], { encoding: 'utf8' })
  if (status !== 0) return []
  return cpuList
    .parse(stdout.split(':').at(-1)?.trim())
    .split(',')
    .flatMap((range) => {
      const [first = 0, last = first] = range.split('-').map(Number)
      return Array.from({ length: last - first + 1 }, (_, index) => first + index)
    })
}

/** With all threads, and what they start. */
function pin(pid: number, core: number): void {
  execFileSync('taskset', ['-acp', String(core), String(pid)], { stdio: 'ignore' })
}

/**
 * Gives the server one core and this process another, with all processes that either starts, as if each had a machine of its own.
 * False where there are not two cores, or no `taskset` (Debian's `util-linux`).
 */
export function pinApart(postmaster: number): boolean {
  const [first, second] = allowed()
  if (first === undefined || second === undefined) return false
  const children = spawnSync('pgrep', ['-P', String(postmaster)], { encoding: 'utf8' }).stdout.split('\n')
  for (const pid of [postmaster, ...children.filter((each) => each !== '').map(Number)]) pin(pid, first)
  pin(process.pid, second)
  return true
}
