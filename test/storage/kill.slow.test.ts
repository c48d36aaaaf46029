import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import t from 'tap'
import { isGenerationId } from '../../src/gateway/domain/ids.ts'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'

const writer = fileURLToPath(new URL('insert-until-killed.ts', import.meta.url))

/** Kills the writer with SIGKILL after it has acknowledged this many inserts; returns all that it acknowledged. */
async function acknowledgedBefore(file: string, count: number): Promise<string[]> {
  const child = spawn(process.execPath, [writer, file], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const acknowledged: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    // An incomplete last line is not an acknowledgement.
    if (isGenerationId(line)) acknowledged.push(line)
    if (acknowledged.length === count) child.kill('SIGKILL')
  }
  await exited
  return acknowledged
}

t.test('every acknowledged insert survives kill -9, whole', async (t) => {
  const file = `${t.testdir()}/understudy.db`
  const acknowledged: string[] = []
  for (const count of [1, 150, 400]) {
    acknowledged.push(...(await acknowledgedBefore(file, count)))

    await using database = await openDatabase({ file })
    const store = createGenerationStore(database)
    for (const id of acknowledged.filter(isGenerationId)) {
      const stored = await store.get(id)
      const records = await store.events(id, 0, 10)
      const idempotency = await store.findIdempotency('studio', id, 0)
      if (!stored || records.length !== 2 || !idempotency) t.fail(`${id} is not whole`)
    }
    const checks = await sql`pragma integrity_check`.execute(database.read)
    t.same(checks.rows, [{ integrity_check: 'ok' }])
  }
  t.ok(acknowledged.length >= 551, `${acknowledged.length} acknowledged`)
})
