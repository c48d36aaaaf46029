// The files of a release: node .tooling/release.mjs --to FOLDER [--python] [--key FILE]
// Tarballs of the gateway and of the client, with --python wheel and source of the Python client (which needs `build` of PyPI), bill of materials, SHA256SUMS of all of them,
// and with a key its signature: ECDSA on P-256 over SHA-256, as Base64, which `cosign verify-blob --key` and openssl read.
import { execFileSync } from 'node:child_process'
import { createHash, createPrivateKey, sign } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = fileURLToPath(new URL('..', import.meta.url))
const { values } = parseArgs({
  options: { to: { type: 'string' }, key: { type: 'string' }, python: { type: 'boolean' } },
})
if (values.to === undefined) throw new Error('Name a folder for the files: --to FOLDER')
const folder = resolve(values.to)
const key = values.key === undefined ? null : signingKey(values.key)
mkdirSync(folder, { recursive: true })
if (readdirSync(folder).length > 0) throw new Error(`${folder} is not empty. Name an empty folder.`)

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const run = (command, args, cwd = root) =>
  execFileSync(command, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] })

run('npm', ['pack', '--silent', '--pack-destination', folder])
run('npm', ['pack', '--silent', '--pack-destination', folder], join(root, 'openapi/clients/typescript'))
if (values.python)
  run('python3', ['-m', 'build', '--outdir', folder, '.'], join(root, 'openapi/clients/python'))
writeFileSync(join(folder, `understudy-${version}.cdx.json`), billOfMaterials())

const sums = readdirSync(folder)
  .toSorted()
  .map(
    (name) =>
      `${createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex')}  ${name}\n`,
  )
  .join('')
writeFileSync(join(folder, 'SHA256SUMS'), sums)
if (key !== null)
  writeFileSync(
    join(folder, 'SHA256SUMS.sig'),
    `${sign('sha256', Buffer.from(sums), key).toString('base64')}\n`,
  )

function signingKey(file) {
  const read = createPrivateKey(readFileSync(file))
  if (read.asymmetricKeyDetails?.namedCurve === 'prime256v1') return read
  throw new Error(
    `${file} holds no ECDSA key on P-256. Make one: openssl ecparam -name prime256v1 -genkey -noout -out ${file}`,
  )
}

/**
 * Of what is installed in production, made from a lock without the rest: with `--omit dev`, npm 11.19 also leaves out 44 packages that
 * development needs as well, and it refuses a lock in which a peer of one that is for development alone has another version.
 */
function billOfMaterials() {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const { devDependencies: _, ...own } = lock.packages['']
  const installed = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && !dev)
  const temporary = mkdtempSync(join(tmpdir(), 'understudy-bom-'))
  // npm names the component after the folder.
  const place = join(temporary, lock.name)
  mkdirSync(place)
  try {
    writeFileSync(join(place, 'package.json'), JSON.stringify(own))
    const packages = { '': own, ...Object.fromEntries(installed) }
    writeFileSync(join(place, 'package-lock.json'), JSON.stringify({ ...lock, packages }))
    return run('npm', ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx'], place)
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}
