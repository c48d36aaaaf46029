import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { loadLocalSecrets } from '../src/gateway/wiring/local-secrets.ts'

t.test('secrets are made once, kept, and readable by their owner alone', async (t) => {
  const directory = t.testdir()
  const made = await loadLocalSecrets(directory)
  t.strictSame(await loadLocalSecrets(directory), made)
  t.equal((await stat(join(directory, 'secrets.json'))).mode & 0o777, 0o600)
  t.same(await readdir(directory), ['secrets.json'])
})

t.test('a disk that is full at the first start leaves nothing behind, and a later start works', async (t) => {
  const directory = t.testdir()
  const module = new URL('../src/gateway/wiring/local-secrets.ts', import.meta.url).href
  // A file may not grow above nothing: what a full disk does to a write, for this process alone.
  const script = `process.on('SIGXFSZ', () => {}); const { loadLocalSecrets } = await import(${JSON.stringify(module)}); await loadLocalSecrets(${JSON.stringify(directory)})`
  const { status } = spawnSync('sh', [
    '-c',
    'ulimit -f 0; exec "$@"',
    'sh',
    process.execPath,
    '--input-type=module',
    '-e',
    script,
  ])
  t.not(status, 0)
  t.same(await readdir(directory), [])
  t.ok((await loadLocalSecrets(directory)).linkSecret)
})

t.test('an empty or damaged file stops the start, says what to do, and is left as it is', async (t) => {
  for (const text of ['', '{"gateway_key":"und_secret-that-is-not-told', '{}']) {
    const directory = t.testdir()
    const file = join(directory, 'secrets.json')
    await writeFile(file, text)
    const refused: unknown = await loadLocalSecrets(directory).catch((error: unknown) => error)
    const { message } = refused instanceof Error ? refused : new Error('it was taken')
    t.match(message, /secrets\.json is (empty|damaged)\. Restore it from a backup; or delete it/)
    t.notMatch(message, /not-told/)
    t.equal(await readFile(file, 'utf8'), text)
  }
})
