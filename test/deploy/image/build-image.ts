import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, cpSync, existsSync, lstatSync, mkdirSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { root as checkout } from '../../docs/files.ts'
import { contextFiles } from './context.ts'
import { expand, readDockerfile } from './dockerfile.ts'
import type { Step } from './dockerfile.ts'
import { copyRoot, enterRoot, makeBase, npmCache, registrySettings } from './stage-root.ts'
import type { Settings, StageRoot } from './stage-root.ts'

/** An image, or a stage on the way to one: files, and what a container of it is started with. */
export interface Image extends Settings {
  files: StageRoot
  command: string[]
  healthCheck: string[]
  volumes: string[]
  labels: Record<string, string>
}

/**
 * Carries out the steps of the Dockerfile below a folder, without an engine, and answers its stages by name. It needs root, and what
 * differs from an engine is this: the base is the Debian and the Node of this machine; and an installation of all packages takes
 * those of the checkout, which the same command has installed from the same lock.
 */
export async function buildImages(
  folder: string,
  buildArgs: Readonly<Record<string, string>> = {},
): Promise<Record<string, Image>> {
  const dockerfile = readDockerfile()
  const context = new Set(contextFiles())
  const built: Record<string, Image> = {}
  for (const stage of dockerfile.stages) {
    const place = join(folder, stage.name)
    const parent = built[expand(stage.from, {})]
    const image: Image = parent
      ? { ...structuredClone(parent) }
      : {
          files: makeBase(place),
          user: '0:0',
          workdir: '/',
          environment: {},
          command: [],
          healthCheck: [],
          volumes: [],
          labels: {},
        }
    const changesFiles = stage.steps.some(({ does }) => does === 'copy' || does === 'run')
    if (parent && changesFiles) image.files = copyRoot(parent.files, place)
    const args: Record<string, string> = {}
    for (const step of stage.steps)
      await take(step, image, { args, given: { ...dockerfile.args, ...buildArgs }, context, built })
    built[stage.name] = image
  }
  return built
}

interface Build {
  /** Those that the stage has named so far. */
  args: Record<string, string>
  /** Defaults of the head of the file, and what the command of the build says. */
  given: Record<string, string>
  context: ReadonlySet<string>
  built: Record<string, Image>
}

async function take(step: Step, image: Image, build: Build): Promise<void> {
  const known = { ...build.args, ...image.environment }
  switch (step.does) {
    case 'arg':
      build.args[step.name] = build.given[step.name] ?? step.value ?? ''
      return
    case 'env':
    case 'label': {
      const target = step.does === 'env' ? image.environment : image.labels
      for (const [name, value] of Object.entries(step.values)) target[name] = expand(value, known)
      return
    }
    case 'workdir':
      image.workdir = resolve(image.workdir, step.value)
      mkdirSync(join(image.files.root, image.workdir), { recursive: true })
      return
    case 'user':
      image.user = step.value
      return
    case 'volume':
      image.volumes.push(step.value)
      return
    case 'healthcheck':
      image.healthCheck = step.words
      return
    case 'cmd':
      image.command = step.words
      return
    case 'copy':
      copy(step, image, build)
      return
    case 'run':
      await run(step.command, image, known)
      return
    case 'expose':
  }
}

function copy({ from, sources, to }: Extract<Step, { does: 'copy' }>, image: Image, build: Build): void {
  const target = join(image.files.root, resolve(image.workdir, to))
  for (const source of sources) {
    const origin = from === null ? join(checkout, source) : join(build.built[from]?.files.root ?? '', source)
    const isFolder = lstatSync(origin).isDirectory()
    const into =
      isFolder || !(to.endsWith('/') || sources.length > 1) ? target : join(target, basename(source))
    mkdirSync(dirname(into), { recursive: true })
    if (from !== null || !isFolder) {
      if (from === null && !build.context.has(source)) throw new Error(`${source} is not in the context`)
      cpSync(origin, into, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
      continue
    }
    for (const file of build.context)
      if (file.startsWith(`${source}/`) && existsSync(join(checkout, file)))
        cpSync(join(checkout, file), join(into, file.slice(source.length)), { preserveTimestamps: true })
  }
}

async function run(command: string, image: Image, environment: Record<string, string>): Promise<void> {
  const { files, workdir } = image
  if (/^npm ci (?!.*--omit=dev)/.test(command)) {
    const packages = [join(checkout, 'node_modules'), join(files.root, workdir)]
    try {
      execFileSync('cp', ['-al', ...packages], { stdio: 'ignore' })
    } catch {
      // They are on two file systems.
      execFileSync('cp', ['-a', ...packages])
    }
    return
  }
  const settings = {
    ...image,
    environment: { HOME: '/root', npm_config_prefer_offline: 'true', ...registrySettings(), ...environment },
  }
  const child = enterRoot('build', files, npmCache(), settings, ['/bin/sh', '-c', command])
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes) => (said += String(bytes)))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`RUN ${command}\n${said}`)
}

/** The folder of a new volume, with the owner that the folder of the image has. */
export function newVolume(folder: string, { files, volumes }: Image): string {
  const { uid, gid, mode } = lstatSync(join(files.root, volumes[0] ?? ''))
  mkdirSync(folder, { mode })
  chownSync(folder, uid, gid)
  return folder
}
