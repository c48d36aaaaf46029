import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { createLogDestination } from '../src/gateway/process/log-destination.ts'

t.test('of a reader that stops lines are dropped and counted, and it is told when it goes on', async (t) => {
  const pipe = join(t.testdir(), 'log')
  execFileSync('mkfifo', [pipe])
  const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK)
  const writer = openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK)
  t.teardown(() => [reader, writer].forEach((fd) => closeSync(fd)))
  const destination = createLogDestination(writer, 100_000)
  const told = { lines: 0 }
  destination.onDropped((lines) => (told.lines += lines))
  const line = `${'x'.repeat(999)}\n`
  for (let count = 0; count < 1000; count++) destination.write(line)
  await pause(100)

  const part = Buffer.alloc(65_536)
  let read = 0
  for (let tries = 0; tries < 200 && (told.lines === 0 || read < (1000 - told.lines) * 1000); tries++) {
    try {
      read += readSync(reader, part)
    } catch {
      await pause(20)
    }
  }
  t.equal(read, (1000 - told.lines) * 1000, 'whole lines, and every one that was not dropped')
  t.ok(read >= 100_000 && told.lines > 0)
})
