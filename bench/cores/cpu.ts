import { readFileSync, readdirSync } from 'node:fs'
import { cpus } from 'node:os'

/** A tick of the kernel's accounting, which is a hundredth of a second on every Linux. */
const tickMs = 10

/** What the kernel says of a process or thread: its parent, and CPU time in ms, of children that ended apart. See proc_pid_stat(5). */
interface Accounted {
  parent: number
  ownMs: number
  endedMs: number
}

function accountOf(path: string): Accounted | null {
  try {
    const text = readFileSync(`${path}/stat`, 'utf8')
    // The name of the program, in parentheses, may have spaces: what is counted begins behind it.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    const [, parent = 0] = fields
    const sum = (from: number) => ((fields[from] ?? 0) + (fields[from + 1] ?? 0)) * tickMs
    return { parent, ownMs: sum(11), endedMs: sum(13) }
  } catch {
    return null
  }
}

/** CPU time that a process has used so far in ms, with all of its threads. */
export const processMs = (pid: number): number => accountOf(`/proc/${pid}`)?.ownMs ?? 0

/** Of children of this process that have ended, in ms. */
export const endedChildrenMs = (): number => accountOf('/proc/self')?.endedMs ?? 0

/** Of the children that a process has now, in ms. */
export function childrenMs(pid: number): number {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => accountOf(`/proc/${name}`))
    .reduce((sum, account) => sum + (account?.parent === pid ? account.ownMs : 0), 0)
}

/** Of the thread of a process that has this name, in ms. */
export function threadMs(pid: number, name: string): number {
  const tasks = `/proc/${pid}/task`
  const found = readdirSync(tasks).find((id) => readFileSync(`${tasks}/${id}/comm`, 'utf8').trim() === name)
  return found === undefined ? 0 : (accountOf(`${tasks}/${found}`)?.ownMs ?? 0)
}

/** CPU time that all cores have been in use since the machine started, in ms. */
export function busyMs(): number {
  return cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0)
}
