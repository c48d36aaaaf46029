import { readFileSync } from 'node:fs'

/** How many descriptors this process may have open; infinite if the system does not report it. */
export function descriptorLimit(
  read: (file: string) => string = (file) => readFileSync(file, 'utf8'),
): number {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(read('/proc/self/limits')) ?? []
    return soft === undefined ? Infinity : Number(soft)
  } catch {
    return Infinity
  }
}
