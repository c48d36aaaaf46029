import { chmodSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { makeFolder, systemDisk } from '../../src/gateway/media/disk.ts'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8)
const files = (file: string): string[] => [file, `${file}-wal`, `${file}-shm`, `${file}.lock`]

t.test('what is stored is readable by nobody but the user of the process', async (t) => {
  const before = process.umask(0)
  t.teardown(() => process.umask(before))
  const folder = join(t.testdir(), 'data')
  const file = join(folder, 'understudy.db')
  {
    await using database = await openDatabase({ file })
    t.ok(database.totals.usable)
    t.equal(modeOf(folder), '700')
    for (const name of files(file)) t.equal(modeOf(name), '600', name)
  }
  const media = join(folder, 'media', 'deep')
  await makeFolder(systemDisk, media)
  t.equal(modeOf(media), '700')
  const handle = await systemDisk.open(join(media, 'file'), 'wx')
  await handle.close()
  t.equal(modeOf(join(media, 'file')), '600')
})

t.test('files of an earlier release are made private when they are opened', async (t) => {
  const file = join(t.testdir(), 'understudy.db')
  await (await openDatabase({ file })).close()
  for (const name of [file, `${file}.lock`]) chmodSync(name, 0o644)
  await using database = await openDatabase({ file })
  t.ok(database.totals.usable)
  for (const name of files(file)) t.equal(modeOf(name), '600', name)
})
