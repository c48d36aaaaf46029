import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs'
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

t.test('lines that come one after another are written together, in their order and whole', async (t) => {
  const file = join(t.testdir(), 'log')
  const fd = openSync(file, 'a')
  t.teardown(() => closeSync(fd))
  const destination = createLogDestination(fd)
  const lines = Array.from({ length: 2000 }, (_, number) => `${number} ${'é'.repeat(number % 50)}\n`)
  for (const [number, line] of lines.entries()) {
    destination.write(line)
    if (number % 500 === 0) await pause(1)
  }
  const expected = lines.join('')
  while (readFileSync(file, 'utf8').length < expected.length) await pause(5)
  t.equal(readFileSync(file, 'utf8'), expected)
})

t.test('what waits when the process ends is written then', async (t) => {
  const program = `
    import { createStdoutLogger } from ${JSON.stringify(import.meta.resolve('../src/gateway/process/logger.ts'))}
    const logger = createStdoutLogger('info')
    logger.info('the first')
    logger.info('the last')`
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
  t.match(output.split('\n'), [/"msg":"the first"/, /"msg":"the last"/, ''])
})
