import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { folderFiles } from '../../src/gateway/media/archive/folder-files.ts'
import { exportInstallation, takeBack } from '../../src/gateway/moving/export-installation.ts'
import { importInstallation } from '../../src/gateway/moving/import-installation.ts'
import { importLines, isEqual } from '../../src/gateway/moving/import-report.ts'
import { createHoldStore } from '../../src/gateway/storage/queue/hold-store.ts'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { anAuditEntry } from '../fixtures/key.ts'
import { fillEveryTable } from './every-table.ts'

const video = (number: number) => `media_${String(number).padStart(26, '0')}`
const pathOf = (folder: string, number: number) =>
  join(folder, 'media', video(number).slice(-2), video(number))

async function installation(t: Test) {
  const folder = t.testdir()
  const place = { type: 'sqlite' as const, file: join(folder, 'understudy.db') }
  await fillEveryTable(place.file, 3)
  writeFileSync(join(folder, 'secrets.json'), JSON.stringify({ gateway_key: 'a', link_secret: 'b' }))
  for (const number of [1, 2, 3]) {
    mkdirSync(join(pathOf(folder, number), '..'), { recursive: true })
    writeFileSync(pathOf(folder, number), `bytes of ${number}`)
  }
  const to = join(folder, 'export')
  const moved = { to, media: true, moves: true, now: 5000 }
  const target = { type: 'sqlite' as const, file: join(folder, 'new/understudy.db') }
  return { folder, place, to, moved, target, archive: folderFiles(join(folder, 'media')) }
}

t.test(
  'a file that is missing or changed is named and not stored, and comes with the next run',
  async (t) => {
    const { folder, place, archive, moved, to, target } = await installation(t)
    await exportInstallation(place, archive, moved)
    writeFileSync(pathOf(to, 1), 'Bytes of 1')
    rmSync(pathOf(to, 2))
    const arrived = folderFiles(join(folder, 'new/media'))
    const report = await importInstallation(to, target, arrived)
    t.match(report.media, {
      files: 1,
      problems: [/0001 was changed in the export: its checksum differs/, /0002 is missing in the export/],
    })
    t.notOk(isEqual(report))
    t.match(importLines(report).join('\n'), /media files +3 +1 .*NO/)
    t.throws(() => readFileSync(pathOf(join(folder, 'new'), 1)), { code: 'ENOENT' })
    for (const number of [1, 2]) writeFileSync(pathOf(to, number), `bytes of ${number}`)
    const pictures = ['.thumbnail.webp', '.strip.webp', '.poster.webp']
    const paths = (number: number) => pictures.map((suffix) => pathOf(join(folder, 'new'), number) + suffix)
    mkdirSync(join(pathOf(join(folder, 'new'), 1), '..'), { recursive: true })
    writeFileSync(pathOf(join(folder, 'new'), 1), 'Bytes of 1')
    for (const path of [...paths(1), ...paths(3)]) writeFileSync(path, 'a picture')
    const again = await importInstallation(to, target, arrived)
    t.match(again, { wasComplete: true, differing: [], media: { files: 3, kept: 1, problems: [] } })
    t.ok(isEqual(again))
    for (const path of paths(1))
      t.notOk(existsSync(path), 'the pictures of a file that was replaced are gone')
    for (const path of paths(3)) t.ok(existsSync(path), 'those of one that was kept are not')
  },
)

t.test('a changed database is refused, and so is a place that has another one', async (t) => {
  const { folder, place, archive, moved, to, target } = await installation(t)
  await exportInstallation(place, archive, moved)
  await t.rejects(importInstallation(to, place, archive), /exists and is not of this import/)
  const file = join(to, 'understudy.db')
  const bytes = readFileSync(file)
  writeFileSync(file, Buffer.concat([bytes, Buffer.from('x')]))
  await t.rejects(importInstallation(to, target, folderFiles(join(folder, 'new/media'))), /checksum differs/)
  await t.rejects(importInstallation(folder, target, archive), /manifest\.json does not exist/)
  await t.rejects(exportInstallation(place, archive, moved), /already exists/)
})

t.test('the original is not released until the move is taken back; the copy is', async (t) => {
  const { place, archive, moved, to, target } = await installation(t)
  {
    await using open = await openDatabase({ file: place.file })
    t.ok(open)
    await t.rejects(exportInstallation(place, archive, moved), /in use by another process/)
  }
  await exportInstallation(place, archive, moved)
  await importInstallation(to, target, archive)
  {
    await using copy = await openDatabase({ file: target.file })
    const holds = createHoldStore(copy)
    t.equal(await holds.heldSince(), 5000)
    t.equal(await holds.movedAway(), null)
  }
  {
    await using original = await openDatabase({ file: place.file })
    const holds = createHoldStore(original)
    t.equal(await holds.heldSince(), 5000)
    t.same(await holds.movedAway(), { at: 5000, to })
    t.equal(await holds.release(anAuditEntry()), false)
    t.equal(await holds.heldSince(), 5000, 'it stays held')
  }
  t.equal(await takeBack(place), true)
  t.equal(await takeBack(place), false)
  await using original = await openDatabase({ file: place.file })
  const holds = createHoldStore(original)
  t.equal(await holds.movedAway(), null)
  t.equal(await holds.heldSince(), 5000, 'held as after a restore')
})
