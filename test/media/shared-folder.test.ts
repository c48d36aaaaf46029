import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { checkSharedFolder, folderMark } from '../../src/gateway/wiring/shared-folder.ts'

/** Nodes of one database; each start answers what it warned of. */
function nodes() {
  let mark: string | null = null
  const keep = async (given: string) => (mark ??= given)
  return async (directory: string): Promise<string[]> => {
    const warned: string[] = []
    const warn = (_about: unknown, message?: string) => void warned.push(message ?? '')
    await checkSharedFolder({ directory, keep, logger: { warn } })
    return warned
  }
}

t.test('nodes with one folder start without a word, also at once and again', async (t: Test) => {
  const start = nodes()
  const folder = t.testdir()
  t.same(await Promise.all([start(folder), start(folder), start(folder)]), [[], [], []])
  t.same(await start(folder), [])
  t.same(await readdir(folder), [folderMark])
})

t.test('a node with a folder of its own is told, at every start, and how that ends', async (t: Test) => {
  const start = nodes()
  const root = t.testdir({ shared: {}, own: {} })
  const [shared, own] = [join(root, 'shared'), join(root, 'own')]
  t.same(await start(shared), [])
  for (let starts = 0; starts < 2; starts++) {
    const [warning = ''] = await start(own)
    t.match(warning, /is not the one of the other nodes\. Mount the same folder/)
    if (starts === 0) continue
    const [, mark = ''] = /write "([^"]+)"/.exec(warning) ?? []
    await writeFile(join(own, folderMark), mark)
  }
  t.same(await start(own), [])
  t.same(await start(shared), [])
})
