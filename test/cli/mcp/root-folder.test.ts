import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { openRootFolder } from '../../../src/cli/mcp/files/root-folder.ts'

/** A root with files and links, and files beside it. */
function stage(t: Test) {
  const folder = realpathSync(t.testdir())
  const root = join(folder, 'root')
  for (const each of ['root', 'root/in', 'root/.git', 'out', 'root-beside']) mkdirSync(join(folder, each))
  for (const each of [
    'root/a.mp4',
    'root/in/b.PNG',
    'root/.git/c.mp4',
    'root/.d.mp4',
    'root/notes.txt',
    'out/secret.mp4',
    'out/secret.txt',
    'root-beside/e.mp4',
  ])
    writeFileSync(join(folder, each), each)
  symlinkSync(join(folder, 'out/secret.mp4'), join(root, 'link.mp4'))
  symlinkSync(join(folder, 'out'), join(root, 'linked'))
  symlinkSync(join(root, 'notes.txt'), join(root, 'renamed.mp4'))
  symlinkSync(join(root, 'a.mp4'), join(root, 'same.mp4'))
  symlinkSync(root, join(folder, 'alias'))
  return { folder, root }
}

t.test('media below the root are read, by their real path', async (t) => {
  const { folder, root } = stage(t)
  for (const given of [root, join(folder, 'alias')]) {
    const opened = await openRootFolder(given)
    t.equal(await opened.fileToRead('a.mp4'), join(root, 'a.mp4'))
    t.equal(await opened.fileToRead('in/../in/b.PNG'), join(root, 'in/b.PNG'))
    t.equal(await opened.fileToRead(join(given, 'a.mp4')), join(root, 'a.mp4'), 'an absolute path within it')
    t.equal(await opened.fileToRead('same.mp4'), join(root, 'a.mp4'), 'a link within it')
  }
})

t.test('nothing else is read', async (t) => {
  const { folder, root } = stage(t)
  const opened = await openRootFolder(root)
  for (const [path, code] of [
    ['../out/secret.mp4', 'outside_root'],
    ['in/../../out/secret.mp4', 'outside_root'],
    [join(folder, 'out/secret.mp4'), 'outside_root'],
    ['../root-beside/e.mp4', 'outside_root'],
    ['link.mp4', 'outside_root'],
    ['linked/secret.mp4', 'outside_root'],
    ['../none.mp4', 'outside_root'],
    ['/none/none.mp4', 'outside_root'],
    ['.git/c.mp4', 'hidden_path'],
    ['.d.mp4', 'hidden_path'],
    ['notes.txt', 'unsupported_file'],
    ['renamed.mp4', 'unsupported_file'],
    ['/etc/passwd', 'unsupported_file'],
    ['none.mp4', 'no_such_file'],
    ['a.mp4/b.mp4', 'no_such_file'],
    ['a\0.mp4', 'no_such_file'],
    ['', 'unsupported_file'],
  ] as const)
    await t.rejects(opened.fileToRead(path), { code }, path)
})

t.test('videos are written to folders below the root only, and never through a link', async (t) => {
  const { folder, root } = stage(t)
  const opened = await openRootFolder(root)
  t.same(await opened.placeToWrite('new.mp4'), { folder: root, name: 'new.mp4', exists: false })
  t.same(await opened.placeToWrite('in/new.mp4'), {
    folder: join(root, 'in'),
    name: 'new.mp4',
    exists: false,
  })
  t.same(await opened.placeToWrite('a.mp4'), { folder: root, name: 'a.mp4', exists: true })
  t.same(
    await opened.placeToWrite('link.mp4'),
    { folder: root, name: 'link.mp4', exists: true },
    'the link itself',
  )
  for (const [path, code] of [
    ['../new.mp4', 'outside_root'],
    [join(folder, 'new.mp4'), 'outside_root'],
    ['linked/new.mp4', 'outside_root'],
    ['../none/new.mp4', 'outside_root'],
    ['.hidden.mp4', 'hidden_path'],
    ['.git/new.mp4', 'hidden_path'],
    ['none/new.mp4', 'no_such_file'],
    ['run.sh', 'unsupported_file'],
    ['picture.png', 'unsupported_file'],
  ] as const)
    await t.rejects(opened.placeToWrite(path), { code }, path)
})

t.test('without a root, no file is read or written', async (t) => {
  const { folder } = stage(t)
  const opened = await openRootFolder(undefined)
  await t.rejects(opened.fileToRead(join(folder, 'root/a.mp4')), { code: 'no_root' })
  await t.rejects(opened.placeToWrite('new.mp4'), { code: 'no_root' })
  await t.rejects(openRootFolder(join(folder, 'none')), /is not a folder/)
  await t.rejects(openRootFolder(join(folder, 'root/a.mp4')), /is not a folder/)
})
