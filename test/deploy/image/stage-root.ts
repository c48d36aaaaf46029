import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { execPath, getuid } from 'node:process'
import { fileURLToPath } from 'node:url'

/** The files of a stage: its own, and what it has below /usr/local. Everything else is its base's. */
export interface StageRoot {
  root: string
  local: string
}

export interface Settings {
  user: string
  workdir: string
  environment: Record<string, string>
}

const enter = fileURLToPath(new URL('enter.sh', import.meta.url))
/** Node's own, which the base image has, too. */
const npmFolder = () =>
  dirname(dirname(realpathSync(execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim())))

/** Why an image cannot be made here; false where it can. */
export function skipWithoutRoot(): string | false {
  return getuid?.() === 0 && existsSync('/usr/bin/setpriv') ? false : 'mounts need root on Linux'
}

/** What `node:24-bookworm-slim` is to the steps of the Dockerfile: a Debian with two users. */
export function makeBase(folder: string): StageRoot {
  const root = join(folder, 'root')
  const local = join(folder, 'local')
  for (const name of ['usr', 'proc', 'dev', 'tmp', 'etc', 'root/.npm', 'home/node'])
    mkdirSync(join(root, name), { recursive: true })
  for (const name of ['bin', 'sbin', 'lib', 'lib64'])
    if (lstatSync(`/${name}`).isSymbolicLink()) symlinkSync(`usr/${name}`, join(root, name))
  for (const name of ['bin', 'lib/node_modules/npm']) mkdirSync(join(local, name), { recursive: true })
  writeFileSync(join(local, 'bin/node'), '')
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(local, 'bin/npm'))
  chmodSync(join(root, 'tmp'), 0o1777)
  for (const name of ['resolv.conf', 'hosts', 'nsswitch.conf', 'ssl', 'ld.so.cache', 'ld.so.conf'])
    if (existsSync(`/etc/${name}`))
      cpSync(`/etc/${name}`, join(root, 'etc', name), { recursive: true, dereference: true })
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n')
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nnode:x:1000:\n')
  return { root, local }
}

export function copyRoot(from: StageRoot, folder: string): StageRoot {
  mkdirSync(folder, { recursive: true })
  // Hard links: steps add files, and replace none of those before.
  execFileSync('cp', ['-al', from.root, from.local, folder])
  return { root: join(folder, 'root'), local: join(folder, 'local') }
}

/**
 * Starts a command in an image. Its process is the command's own, which signals reach. `extra` is the folder of npm's cache for a
 * step of a build, and the folder of the volume for a container.
 */
export function enterRoot(
  mode: 'build' | 'run',
  { root, local }: StageRoot,
  extra: string,
  { user, workdir, environment }: Settings,
  command: readonly string[],
): ChildProcess {
  const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
  const settings = Object.entries({ PATH: path, ...environment }).map(([name, value]) => `${name}=${value}`)
  const places = [root, local, realpathSync(execPath), npmFolder(), extra, user, workdir]
  return spawn(
    'unshare',
    ['--mount', '--propagation', 'private', 'sh', enter, mode, ...places, ...settings, '--', ...command],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
}

/** What resolves an installation from the registry in the way that this machine does. */
export function registrySettings(): Record<string, string> {
  const asked = ['registry', 'cafile'].map((name) => {
    const value = execFileSync('npm', ['config', 'get', name], { encoding: 'utf8' }).trim()
    return [`npm_config_${name}`, value] as const
  })
  return Object.fromEntries(asked.filter(([, value]) => value !== '' && value !== 'null'))
}

export function npmCache(): string {
  const cache = execFileSync('npm', ['config', 'get', 'cache'], { encoding: 'utf8' }).trim()
  mkdirSync(cache, { recursive: true })
  return cache
}
