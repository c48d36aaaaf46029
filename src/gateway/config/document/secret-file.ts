import { readFileSync, statSync } from 'node:fs'
import { faultOf } from './file-fault.ts'
import type { Outside } from './variables.ts'

/** Far above any key or token; below what would be felt at start. */
const mostBytes = 64 * 1024

/**
 * A secret as orchestrators mount it: one file, one value. One line's end at its end is not part of it. A pipe or device is
 * refused, because reading one could take for ever.
 */
export const readSecretFile: Outside['readSecretFile'] = (path) => {
  try {
    const stat = statSync(path)
    if (!stat.isFile()) return { fault: 'is not a file' }
    if (stat.size > mostBytes) return { fault: 'is larger than 64 KiB' }
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path))
    return { text: text.replace(/\r?\n$/, '') }
  } catch (error) {
    return { fault: error instanceof TypeError ? 'is not UTF-8 text' : `cannot be read: ${faultOf(error)}` }
  }
}
