import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { nodeOf } from './breaking/document.ts'
import { breakingChanges } from './breaking/operations.ts'
import { neededStep } from './breaking/version-step.ts'

/**
 * Compares openapi.json with released.json, the document of the last release, and exits 1 for a difference that breaks callers
 * and is not declared in declared-breaking.json, and for a declaration of one that is not there. With `--release`,
 * openapi.json becomes the released one and the declarations are emptied, if its version was stepped as far as the differences
 * ask for.
 */
const declarations = z.array(z.strictObject({ change: z.string(), reason: z.string().min(10) }))

async function read(name: string): Promise<unknown> {
  return JSON.parse(await readFile(new URL(name, import.meta.url), 'utf8'))
}

const Document = z.object({ info: z.object({ version: z.string() }) })

/** Without the version, which may differ where nothing else does. */
function contentOf(document: unknown): string {
  const { version } = Document.parse(document).info
  return JSON.stringify(document).replaceAll(`"version":"${version}"`, '')
}

async function release(): Promise<void> {
  const [released, next] = [await read('released.json'), await read('openapi.json')]
  const refused = neededStep(Document.parse(released).info.version, Document.parse(next).info.version, {
    breaks: breakingChanges(nodeOf(released), nodeOf(next)).length > 0,
    differs: contentOf(released) !== contentOf(next),
  })
  if (refused !== null) {
    process.stderr.write(`${refused}\n`)
    process.exitCode = 1
    return
  }
  await copyFile(new URL('openapi.json', import.meta.url), new URL('released.json', import.meta.url))
  await writeFile(new URL('declared-breaking.json', import.meta.url), '[]\n')
}

async function check(): Promise<void> {
  const declared = declarations.parse(await read('declared-breaking.json')).map(({ change }) => change)
  const found = breakingChanges(nodeOf(await read('released.json')), nodeOf(await read('openapi.json')))
  const undeclared = found.filter((change) => !declared.includes(change))
  const stale = declared.filter((change) => !found.includes(change))
  for (const change of undeclared) process.stderr.write(`undeclared breaking change: ${change}\n`)
  for (const change of stale) process.stderr.write(`declared change not found: ${change}\n`)
  if (undeclared.length + stale.length === 0) return
  process.stderr.write('Declare intended changes in openapi/declared-breaking.json, with a reason.\n')
  process.exitCode = 1
}

await (process.argv.includes('--release') ? release() : check())
