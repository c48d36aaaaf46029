import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createGzip } from 'node:zlib'
import t from 'tap'
import { parse } from 'yaml'
import type { Test } from 'tap'
import { z } from 'zod'
import { addressOf } from '../e2e/gateway-process.ts'
import { textOf } from '../docs/files.ts'
import { buildImages, newVolume } from './image/build-image.ts'
import type { Image } from './image/build-image.ts'
import { enterRoot, skipWithoutRoot } from './image/stage-root.ts'

/** Of the layers that the Dockerfile puts onto its base, compressed as a registry keeps them: what a release is held to. */
const limitBytes = z
  .looseObject({
    jobs: z.looseObject({
      images: z.looseObject({ env: z.looseObject({ LIMIT_BYTES: z.coerce.number().positive() }) }),
    }),
  })
  .parse(parse(textOf('.github/workflows/release.yml'))).jobs.images.env.LIMIT_BYTES

interface Container {
  child: ChildProcess
  address: string
  /** What was said on standard error, so far. */
  said: () => string
  /** As `docker exec`: the same mounts, user and environment. */
  exec: (...words: string[]) => Promise<{ code: number; said: string }>
}

async function outputOf(child: ChildProcess): Promise<{ code: number; said: string }> {
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes) => (said += String(bytes)))
  const [code] = await once(child, 'close')
  return { code: Number(code), said }
}

/** The port of an image is fixed; a free one, and loopback, so that tests do not meet. */
const here = { HOST: '127.0.0.1', PORT: '0' }

async function start(t: Test, image: Image, volume: string, settings = {}): Promise<Container> {
  const environment = { ...image.environment, ...settings }
  const child = enterRoot('run', image.files, volume, { ...image, environment }, image.command)
  t.teardown(() => child.kill('SIGKILL'))
  let said = ''
  child.stderr?.on('data', (bytes) => (said += String(bytes)))
  if (child.stdout === null) throw new Error('no output')
  const address = await addressOf(child, createInterface({ input: child.stdout }))
  const [uid = '', gid = ''] = image.user.split(':')
  const rights = [
    `--reuid=${uid}`,
    `--regid=${gid}`,
    '--clear-groups',
    '--no-new-privs',
    '--bounding-set=-all',
  ]
  const words = Object.entries({ PATH: '/usr/local/bin:/usr/bin:/bin', ...environment }).map(
    ([name, value]) => `${name}=${value}`,
  )
  const exec = (...command: string[]) =>
    outputOf(
      spawn(
        'nsenter',
        ['--target', `${child.pid}`, '--mount', '--root', '--wd', 'env', '-i'].concat(
          words,
          ['setpriv'],
          rights,
          command,
        ),
      ),
    )
  return { child, address, said: () => said, exec }
}

t.test('the images of the Dockerfile', { skip: skipWithoutRoot() }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-image-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const images = await buildImages(folder, { VERSION: '1.2.3', REVISION: 'abc', BASE: 'node:24@sha256:0' })
  const { gateway, trial } = images
  if (!gateway || !trial) throw new Error('The Dockerfile has no target gateway, or no target trial.')

  await t.test('the one for production has the gateway and the command line, and nothing else', async (t) => {
    const programs = ['chunks', 'cli', 'console', 'gateway', 'licenses.md']
    t.same(readdirSync(join(gateway.files.root, 'app/dist')).toSorted(), programs)
    t.same(readdirSync(join(trial.files.root, 'app/dist')).toSorted(), [...programs, 'simulator'])
    t.same(readdirSync(join(gateway.files.root, 'app')).toSorted(), [
      '.tooling',
      'LICENSE',
      'data',
      'dist',
      'node_modules',
      'package.json',
      'sbom.cdx.json',
    ])
    for (const name of ['tap', 'typescript', 'vite', 'playwright-core'])
      t.notOk(existsSync(join(gateway.files.root, 'app/node_modules', name)), name)
    t.match(gateway.labels, {
      'org.opencontainers.image.version': '1.2.3',
      'org.opencontainers.image.base.name': /sha256/,
    })
  })

  await t.test('its bill of materials lists what it has', async (t) => {
    const Bill = z.looseObject({
      bomFormat: z.literal('CycloneDX'),
      components: z.array(
        z.looseObject({ name: z.string(), group: z.string().optional(), version: z.string() }),
      ),
    })
    const { components } = Bill.parse(
      JSON.parse(readFileSync(join(gateway.files.root, 'app/sbom.cdx.json'), 'utf8')),
    )
    const named = new Set(
      components.map(({ group, name }) =>
        group === undefined || name.startsWith('@') ? name : `${group}/${name}`,
      ),
    )
    const installed = readdirSync(join(gateway.files.root, 'app/node_modules'))
      .filter((name) => !name.startsWith('.'))
      .flatMap((name) =>
        name.startsWith('@')
          ? readdirSync(join(gateway.files.root, 'app/node_modules', name)).map((one) => `${name}/${one}`)
          : [name],
      )
    t.same(
      installed.filter((name) => !named.has(name)),
      [],
    )
  })

  await t.test(`what is put onto the base stays below ${limitBytes / 1e6} MB, compressed`, async (t) => {
    const tar = spawn('tar', ['-C', trial.files.root, '-c', 'app'], { stdio: ['ignore', 'pipe', 'inherit'] })
    let bytes = 0
    for await (const chunk of tar.stdout.pipe(createGzip())) bytes += Buffer.from(chunk).length
    t.comment(`${(bytes / 1e6).toFixed(1)} MB`)
    t.ok(bytes > 10e6 && bytes < limitBytes, `${bytes} bytes`)
  })

  await t.test('without a configuration, the one for production refuses to start', async (t) => {
    const volume = newVolume(join(folder, 'unconfigured'), gateway)
    const child = enterRoot('run', gateway.files, volume, gateway, gateway.command)
    const { code, said } = await outputOf(child)
    t.equal(code, 1)
    t.match(said, 'this installation comes without the simulator')
    t.match(said, 'UNDERSTUDY_CONFIG')
  })

  await t.test('on a read-only root, as a user without rights, it renders a first video', async (t) => {
    const volume = newVolume(join(folder, 'volume'), trial)
    const { child, address, said, exec } = await start(t, trial, volume, here)
    const [key = ''] = /\bkey +(\S+)/.exec(said().replace(/admin key.*/, '')) ?? []
    const authorization = `Bearer ${key.replace(/^key +/, '')}`
    const made = await fetch(`${address}/generate`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: 'a mill by a river', duration: 5 }),
    })
    t.equal(made.status, 202)
    const { id } = z.looseObject({ id: z.string() }).parse(await made.json())
    const ended = await fetch(`${address}/generations/${id}?wait=60`, { headers: { authorization } })
    const { status } = z.looseObject({ status: z.string() }).parse(await ended.json())
    t.equal(status, 'completed')
    const video = await fetch(`${address}/generations/${id}/video`, { headers: { authorization } })
    t.match(
      Buffer.from(await video.arrayBuffer())
        .subarray(4, 8)
        .toString(),
      'ftyp',
    )
    t.match(await (await fetch(`${address}/console/`)).text(), '<!doctype html>')

    t.match(await exec('id', '-u'), { code: 0, said: '1000' })
    t.match(await exec('touch', '/app/dist/new'), { code: 1, said: 'Read-only file system' })
    t.match(await exec('touch', '/usr/local/bin/new'), { code: 1, said: 'Read-only file system' })
    t.match(await exec('grep', 'CapEff', '/proc/self/status'), { said: /0000000000000000/ })
    t.match(await exec('understudy', '--help'), { code: 0, said: /generate/ })
    t.match(await exec('understudy', '--version'), { code: 0, said: /\d/ })
    t.same(await exec(...trial.healthCheck), { code: 0, said: '' }, 'the port was not known before the start')
    child.kill('SIGTERM')
    t.same(await once(child, 'exit'), [0, null])
    t.equal(lstatSync(join(volume, 'understudy.db')).uid, 1000)
  })

  await t.test('host and port of the file hold, and the health check asks there', async (t) => {
    const volume = newVolume(join(folder, 'configured'), gateway)
    writeFileSync(
      join(volume, 'understudy.yaml'),
      `server: { host: 127.0.0.9, port: 0 }
upstreams: [{ id: relay, kind: reverse, dialect: openai-videos, base_url: 'http://127.0.0.1:9/v1', api_key: key-of-a-relay,
  models: { sora-2: sora-2 }, price: { per_request_usd: 0.1 } }]\n`,
    )
    const file = '/app/data/understudy.yaml'
    const { child, address, exec } = await start(t, gateway, volume, { UNDERSTUDY_CONFIG: file })
    t.match(address, /^http:\/\/127\.0\.0\.9:\d+$/)
    const compiled = await exec(
      'env',
      'NODE_DEBUG_NATIVE=COMPILE_CACHE',
      ...gateway.command,
      '--check-config',
      file,
    )
    t.match(compiled, { code: 0, said: /chunks\/fastify\S* was accepted/ }, 'what the build compiled is used')
    t.match(await exec(...gateway.healthCheck), { code: 0 })
    child.kill('SIGSTOP')
    t.match(await exec(...gateway.healthCheck), { code: 1, said: /unhealthy/ }, 'it does not answer')
    child.kill('SIGCONT')
  })
})
