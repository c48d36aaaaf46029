import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readConfig } from '../../src/gateway/config/load-config.ts'
import { formatProblems } from '../../src/gateway/config/document/config-problem.ts'
import { changed, dialectNames } from './base.ts'

const directory = t.testdir({
  beta: 'sk-beta-of-a-file\n',
  windows: 'sk-beta-of-a-file\r\n',
  again: '${HOME}${file:/etc/hostname}',
  empty: '\n',
})
const at = (name: string) => join(directory, name)

/** The base file, with `value` as the key of an upstream. */
function read(value: string) {
  const file = at('understudy.yaml')
  writeFileSync(file, changed('sk-beta', value))
  return readConfig({ file, knownDialects: dialectNames }, {})
}

function faultOf(value: string): string {
  const loaded = read(value)
  return loaded.ok ? 'ok' : formatProblems(null, loaded.problems).replaceAll(directory, '')
}

t.test('a secret is read from the file that the configuration names', async (t) => {
  for (const name of ['beta', 'windows']) {
    const loaded = read(`\${file:${at(name)}}`)
    if (!loaded.ok) throw new Error(formatProblems(null, loaded.problems))
    t.equal(loaded.secrets.upstreamKeys.get('beta'), 'sk-beta-of-a-file')
    t.notMatch(JSON.stringify(loaded.config), 'sk-beta-of-a-file')
  }
})

t.test('what a file holds is not expanded again', async (t) => {
  const loaded = read(`\${file:${at('again')}}`)
  if (!loaded.ok) throw new Error(formatProblems(null, loaded.problems))
  t.equal(loaded.secrets.upstreamKeys.get('beta'), '${HOME}${file:/etc/hostname}')
})

t.test(
  'a file that cannot be a secret is a problem with a place, and nothing is read for ever',
  async (t) => {
    mkdirSync(at('folder'))
    writeFileSync(at('large'), 'x'.repeat(64 * 1024 + 1))
    writeFileSync(at('binary'), Buffer.from([0xff, 0xfe, 0x00]))
    writeFileSync(at('lines'), 'canary-one\ncanary-two\n')
    symlinkSync('/dev/zero', at('device'))
    const rows: Array<[name: string, fault: RegExp]> = [
      ['absent', /file \/absent cannot be read: the file does not exist$/],
      ['empty', /file \/empty is empty$/],
      ['folder', /file \/folder is not a file$/],
      ['device', /file \/device is not a file$/],
      ['large', /file \/large is larger than 64 KiB$/],
      ['binary', /file \/binary is not UTF-8 text$/],
      ['lines', /read from \$\{file:\/lines\}/],
    ]
    for (const [name, fault] of rows) {
      const said = faultOf(`\${file:${at(name)}}`)
      t.match(said, fault, name)
      t.match(said, /^configuration:\d+:\d+ upstreams\[1\]\.api_key/, name)
      t.notMatch(said, 'canary')
    }
    t.match(faultOf('${file:}'), /`\$\{` is not followed by a NAME or file:PATH/)
  },
)
