import { existsSync } from 'node:fs'
import { StatementSync } from 'node:sqlite'

/**
 * Loaded before a gateway. While the file named in its own URL exists, the process is killed as soon as a generation is
 * committed, like from outside: nobody was told of it, and nothing was sent.
 */
const file = new URL(import.meta.url).searchParams.get('file') ?? ''
// oxlint-disable-next-line typescript/unbound-method -- it is called on the statement itself below
const { run } = StatementSync.prototype
let isStored = false

StatementSync.prototype.run = function runAndEnd(...parameters: unknown[]) {
  const done = Reflect.apply(run, this, parameters)
  if (/^insert into "?generations"? /i.test(this.sourceSQL)) isStored = true
  if (this.sourceSQL === 'commit' && isStored && existsSync(file)) process.kill(process.pid, 'SIGKILL')
  return done
}
