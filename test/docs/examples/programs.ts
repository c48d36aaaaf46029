import { spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'
import { textOf } from '../files.ts'

/** A program of the documentation: a code block whose first line names a file after its language. */
export interface Example {
  page: string
  file: string
  text: string
}

/** The programs of a page, in its order. */
export function examplesOf(page: string, text: string = textOf(page)): Example[] {
  return [...text.matchAll(/^```\w+ ([\w-]+\.\w+)\n([^]*?)^```$/gm)].map(([, file = '', block = '']) => ({
    page,
    file,
    text: block,
  }))
}

export interface Ended {
  /** Null where a signal ended it. */
  code: number | null
  output: string
}

export interface Input {
  cwd: string
  env?: Record<string, string>
  stdin?: string
}

/** Long enough for a compiler on a machine that does other things as well. */
const timeoutMs = 240_000

function run(command: readonly string[], { cwd, env = {}, stdin = '' }: Input): Promise<Ended> {
  const [program = '', ...args] = command
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      // eslint-disable-next-line node/no-process-env -- the tools of a language need their PATH, HOME and proxies
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: timeoutMs,
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (output += String(bytes)))
    // A program may end before it has read everything.
    child.stdin.on('error', () => undefined)
    child.stdin.end(stdin)
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, output }))
  })
}

/** How the programs of a language are prepared, and run. `name` is without its ending. */
interface Language {
  /** Asked whether it is there. */
  needs: readonly string[]
  build?: (name: string) => readonly string[]
  run: (name: string) => readonly string[]
}

export const languages: Readonly<Record<string, Language>> = {
  '.sh': { needs: ['curl', '--version'], run: (name) => ['sh', `${name}.sh`] },
  '.ts': {
    needs: [process.execPath, '--version'],
    run: (name) => [process.execPath, '--disable-warning=ExperimentalWarning', `${name}.ts`],
  },
  '.py': { needs: ['python3', '--version'], run: (name) => ['python3', `${name}.py`] },
  '.go': {
    needs: ['go', 'version'],
    build: (name) => ['go', 'build', '-o', `${name}.bin`, `${name}.go`],
    run: (name) => [`./${name}.bin`],
  },
  '.java': {
    needs: ['javac', '-version'],
    build: (name) => ['javac', '-d', '.', `${name}.java`],
    run: (name) => ['java', '-XX:TieredStopAtLevel=1', '-cp', '.', name],
  },
  '.rb': { needs: ['ruby', '--version'], run: (name) => ['ruby', `${name}.rb`] },
}

/** Whether this machine can run it. */
export async function hasLanguage({ file }: Example): Promise<boolean> {
  const language = languages[extname(file)]
  if (language === undefined) throw new Error(`${file} is in no language that is run`)
  try {
    return (await run(language.needs, { cwd: '.' })).code === 0
  } catch {
    return false
  }
}

/** The program, compiled where it has to be; what is returned runs it once. Throws what the compiler says. */
export async function prepare(
  { file, text }: Example,
  folder: string,
): Promise<(input: Omit<Input, 'cwd'>) => Promise<Ended>> {
  const language = languages[extname(file)]
  if (language === undefined) throw new Error(`${file} is in no language that is run`)
  const name = file.slice(0, -extname(file).length)
  const cwd = join(folder, file.replace('.', '-'))
  await mkdir(cwd, { recursive: true })
  await writeFile(join(cwd, file), text)
  if (language.build !== undefined) {
    const built = await run(language.build(name), { cwd })
    if (built.code !== 0) throw new Error(`${file} does not compile: ${built.output}`)
  }
  return (input) => run(language.run(name), { cwd, ...input })
}

/** Where a program was prepared. */
export function folderOf({ file }: Example, folder: string): string {
  return dirname(join(folder, file.replace('.', '-'), file))
}
