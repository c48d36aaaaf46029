import { execFileSync, spawnSync } from 'node:child_process'
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { z } from 'zod'
import { root, textOf } from '../docs/files.ts'

const openssl = (cwd: string, ...args: string[]) => execFileSync('openssl', args, { cwd, stdio: 'pipe' })
// Children of a test load hooks of tap, which the compiler of the client does not bear.
const release = (...args: string[]) =>
  spawnSync('env', ['-u', 'NODE_OPTIONS', process.execPath, '.tooling/release.mjs', ...args], {
    cwd: root,
    encoding: 'utf8',
  })
const Bom = z.object({
  components: z.array(z.object({ name: z.string(), version: z.string(), purl: z.string() })),
})

t.test('the files of a release can be verified by their signature, and changed ones are found out', (t) => {
  const folder = t.testdir({ files: {} })
  const files = join(folder, 'files')
  openssl(folder, 'ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'release.key')
  openssl(folder, 'ec', '-in', 'release.key', '-pubout', '-out', 'release.pub')
  const made = release('--to', files, '--key', join(folder, 'release.key'))
  t.equal(made.status, 0, made.stderr)
  const names = readdirSync(files)
  for (const name of [/^understudy-\d.*\.tgz$/, /^understudy-client-\d.*\.tgz$/, /\.cdx\.json$/])
    t.ok(
      names.some((each) => name.test(each)),
      String(name),
    )

  const signature = readFileSync(join(files, 'SHA256SUMS.sig'), 'utf8')
  writeFileSync(join(folder, 'signature'), Buffer.from(signature, 'base64'))
  const sums = join(files, 'SHA256SUMS')
  const isSigned = () =>
    spawnSync('openssl', ['dgst', '-sha256', '-verify', 'release.pub', '-signature', 'signature', sums], {
      cwd: folder,
    }).status === 0
  const agree = () =>
    spawnSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: files }).status === 0
  t.ok(isSigned() && agree())
  const tarball = names.find((name) => /^understudy-\d.*\.tgz$/.test(name)) ?? ''
  appendFileSync(join(files, tarball), ' ')
  t.notOk(agree(), 'a file that was changed')
  appendFileSync(sums, '\n')
  t.notOk(isSigned(), 'a list that was changed')

  const { components } = Bom.parse(
    JSON.parse(readFileSync(join(files, names.find((name) => name.endsWith('.cdx.json')) ?? ''), 'utf8')),
  )
  const { dependencies } = z
    .object({ dependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(textOf('package.json')))
  for (const [name, version] of Object.entries(dependencies))
    t.ok(
      components.some((each) => each.name === name && each.version === version),
      `${name} ${version} is in the bill of materials`,
    )
  t.end()
})

t.test('a folder with files in it, and a key of another kind, are refused before anything is made', (t) => {
  const folder = t.testdir({ full: { 'a.txt': '' }, empty: {} })
  openssl(folder, 'genrsa', '-out', 'rsa.key', '2048')
  t.match(release('--to', join(folder, 'full')), { status: 1, stderr: /is not empty/ })
  const other = release('--to', join(folder, 'empty'), '--key', join(folder, 'rsa.key'))
  t.match(other, { status: 1, stderr: /no ECDSA key on P-256/ })
  t.same(readdirSync(join(folder, 'empty')), [])
  t.match(release(), { status: 1, stderr: /--to FOLDER/ })
  t.end()
})
