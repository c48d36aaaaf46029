import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

/**
 * Loaded before a gateway. While the file named in its own URL exists, the process is killed when it starts to store a
 * generation, like from outside.
 */
const file = new URL(import.meta.url).searchParams.get('file') ?? ''
// oxlint-disable-next-line typescript/unbound-method -- it is called on the statement's own database below
const { prepare } = DatabaseSync.prototype

DatabaseSync.prototype.prepare = function prepareOrEnd(sql, ...rest) {
  if (/^insert into "?generations"?/i.test(sql.trim()) && existsSync(file))
    process.kill(process.pid, 'SIGKILL')
  return prepare.call(this, sql, ...rest)
}
