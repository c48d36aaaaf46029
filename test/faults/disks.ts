import { execFile } from 'node:child_process'
import { cp, mkdir, statfs } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A separate file system in memory. It is made full by reducing its size, so nothing has to be written. */
export interface Disk {
  directory: string
  /** False if nothing can be mounted: then it is an ordinary folder that never becomes full. */
  isReal: boolean
  fill(): Promise<void>
  free(): Promise<void>
  /** Copies its content to `keepIn`, if given, before it is unmounted. */
  close(keepIn?: string): Promise<void>
}

const sizeKb = 1_000_000
/** Usage may grow between reading it and changing the size. */
const fillTries = 20

export async function makeDisk(directory: string): Promise<Disk> {
  await mkdir(directory)
  const resize = (kb: number) => run('mount', ['-o', `remount,size=${kb}k`, directory])
  const isReal = await run('mount', [
    '-t',
    'tmpfs',
    '-o',
    `size=${sizeKb}k,mode=700`,
    'understudy-faults',
    directory,
  ])
    .then(() => true)
    .catch(() => false)
  const free = async (): Promise<void> => {
    if (isReal) await resize(sizeKb)
  }
  return {
    directory,
    isReal,
    async fill() {
      if (!isReal) return
      for (let tries = 0; tries < fillTries; tries++) {
        const { blocks, bfree, bsize } = await statfs(directory)
        const done = await resize(((blocks - bfree) * bsize) / 1024).catch(() => null)
        if (done !== null) return
      }
    },
    free,
    async close(keepIn) {
      if (!isReal) return
      if (keepIn !== undefined) await cp(directory, keepIn, { recursive: true })
      await run('umount', ['--lazy', directory])
    },
  }
}
