import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { openTemporaryFolder } from '../../src/gateway/media/archive/temporary-folder.ts'
import { systemDisk } from '../../src/gateway/media/disk.ts'
import { isNoSpace, systemCode } from '../../src/gateway/media/machine-fault.ts'
import { boundedFolder } from '../../src/gateway/media/s3/bounded-folder.ts'

const failing = (): Promise<never> => Promise.reject(new Error('the disk is away'))
const full = (error: unknown): boolean => isNoSpace(systemCode(error))

t.test('files hold at most so many bytes together, and what is removed makes room', async (t) => {
  const opened = await openTemporaryFolder(join(t.testdir(), 'tmp'), systemDisk)
  const { folder, disk } = boundedFolder(opened, systemDisk, 100)
  const [first, second] = [folder.path(), folder.path()]
  const file = await disk.open(first, 'wx')
  await file.writeFile(Buffer.alloc(40, 'a'))
  await file.writeFile(Buffer.alloc(20, 'b'))
  const other = await disk.open(second, 'wx')
  const refused = await other.writeFile(Buffer.alloc(41)).catch((error: unknown) => error)
  t.ok(full(refused), 'it is a full disk to a writer')
  t.equal((await stat(second)).size, 0, 'nothing of what does not fit is written')
  await other.writeFile(Buffer.alloc(40, 'c'))
  t.ok(full(await file.writeFile(Buffer.alloc(1)).catch((error: unknown) => error)), 'it is full to the byte')
  await Promise.all([file.sync(), file.close(), other.close()])
  t.equal((await readFile(first, 'utf8')).length, 60)
  await folder.remove(first)
  await folder.remove(first)
  const third = await disk.open(folder.path(), 'wx')
  t.ok(full(await third.writeFile(Buffer.alloc(61)).catch((error: unknown) => error)), 'room is made once')
  await third.writeFile(Buffer.alloc(60))
  await third.close()
})

t.test('a file that could not be removed keeps its room', async (t) => {
  const opened = await openTemporaryFolder(join(t.testdir(), 'tmp'), systemDisk)
  const { folder, disk } = boundedFolder({ ...opened, remove: failing }, systemDisk, 10)
  const path = folder.path()
  const file = await disk.open(path, 'wx')
  await file.writeFile(Buffer.alloc(10))
  await t.rejects(folder.remove(path))
  t.ok(full(await file.writeFile(Buffer.alloc(1)).catch((error: unknown) => error)))
  await file.close()
})
