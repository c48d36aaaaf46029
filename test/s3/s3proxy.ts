import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { createS3Client } from '../../src/gateway/media/s3/requests/s3-client.ts'
import { createS3Signer } from '../../src/gateway/media/s3/requests/s3-signer.ts'
import type { S3Keys, S3Place } from '../../src/gateway/media/s3/requests/s3-signer.ts'
import { freePort } from '../fixtures/free-port.ts'

/** https://github.com/gaul/s3proxy: checks signatures, digests and conditions, and stores objects as files. */
const artifact = 'org.gaul:s3proxy:4.1.0:jar:jar-with-dependencies'
const folder = new URL('../../node_modules/.cache/s3proxy/', import.meta.url).pathname
const jar = join(folder, 's3proxy-4.1.0-jar-with-dependencies.jar')
const startMs = 60_000

export const keys: S3Keys = {
  accessKey: 'a-key-of-a-test',
  secretKey: 'a-secret-of-a-test',
  sessionToken: null,
}

export interface S3Server {
  endpoint: string
  /** Creates a bucket, and says how it is reached; `through` is the address of a proxy before the server. */
  bucket(name: string, through?: string): Promise<S3Place>
  /** Kills the server, and starts it again on the same address and objects. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** A server of its own on a free port of this machine. Fetches the program once, from Maven Central. */
export async function startS3Proxy(): Promise<S3Server> {
  await fetchJar()
  const data = await mkdtemp(join(tmpdir(), 'understudy-s3-'))
  const endpoint = `http://127.0.0.1:${await freePort()}`
  const settings = join(data, 'settings')
  await mkdir(join(data, 'buckets'))
  await writeFile(
    settings,
    [
      `s3proxy.endpoint=${endpoint}`,
      's3proxy.authorization=aws-v4',
      `s3proxy.identity=${keys.accessKey}`,
      `s3proxy.credential=${keys.secretKey}`,
      'jclouds.provider=filesystem-nio2',
      `jclouds.filesystem.basedir=${join(data, 'buckets')}`,
    ].join('\n'),
  )
  let server = await start(settings, endpoint)
  return {
    endpoint,
    async restart() {
      await kill(server)
      server = await start(settings, endpoint)
    },
    async bucket(name, through = endpoint) {
      const place = { endpoint, region: 'us-east-1', bucket: name, pathStyle: true }
      const client = createS3Client(createS3Signer(place, keys))
      await client.call({ method: 'PUT', key: null })
      client.close()
      return { ...place, endpoint: through }
    },
    async stop() {
      await kill(server)
      await rm(data, { recursive: true, force: true })
    },
  }
}

/** A server does not end with the process that started it. */
const running = new Set<ChildProcess>()
process.once('exit', () => running.forEach((server) => void server.kill('SIGKILL')))

async function start(settings: string, endpoint: string): Promise<ChildProcess> {
  const server = spawn('java', ['-Xmx256m', '-jar', jar, '--properties', settings], { stdio: 'ignore' })
  running.add(server)
  server.once('exit', () => running.delete(server))
  const until = Date.now() + startMs
  while (!(await fetch(endpoint).then(Boolean, () => false))) {
    if (Date.now() > until || server.exitCode !== null) throw new Error('s3proxy does not start')
    await pause(100)
  }
  return server
}

async function kill(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const ended = once(server, 'exit')
  server.kill('SIGKILL')
  await ended
}

async function fetchJar(): Promise<void> {
  if (existsSync(jar)) return
  await mkdir(folder, { recursive: true })
  const copy = ['dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`]
  await promisify(execFile)('mvn', ['--quiet', '--batch-mode', ...copy], { cwd: folder, timeout: 240_000 })
}
