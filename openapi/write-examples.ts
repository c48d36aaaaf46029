import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { playScenes } from './examples/scenes.ts'
import { createSettle } from './examples/settled.ts'
import { openStage } from './examples/stage.ts'

/**
 * Runs a gateway with simulated upstreams, calls its operations, and writes what they answered into the API document's
 * examples. With `--check`, exits 1 when the committed ones differ: an example is what the gateway answers now.
 */
const file = fileURLToPath(new URL('../src/gateway/http/document/answers.ts', import.meta.url))

async function makeExamples(): Promise<string> {
  await using stage = await openStage()
  const settle = createSettle({ gateway: stage.address, simulator: stage.simulatorOrigin })
  const lines: string[] = []
  await playScenes(stage, async (operationId, method, path, body) => {
    const { status, body: answered } = await stage.call(method, path, body)
    if (status >= 300) throw new Error(`${operationId}: ${status} ${JSON.stringify(answered)}`)
    lines.push(`${operationId}: ${JSON.stringify(JSON.stringify(settle(answered)))},`)
    return answered
  })
  const text = `/** What operations answered, as JSON, by operation ID. Written by \`npm run openapi:examples\`. */
export const answers: Record<string, string> = {\n${lines.join('\n')}\n}\n`
  return await format(text, { ...(await resolveConfig(file)), parser: 'typescript' })
}

const made = await makeExamples()
if (!process.argv.includes('--check')) await writeFile(file, made)
else if ((await readFile(file, 'utf8')) !== made) {
  const before = (await readFile(file, 'utf8')).split('\n')
  const stale = made.split('\n').filter((line) => !before.includes(line))
  const names = stale.map((line) => line.trim().split(':', 1)[0])
  process.stderr.write(
    `Examples in src/gateway/http/document/answers.ts are out of date. Run \`npm run openapi:examples\`, then \`npm run openapi\`.\n${names.join('\n')}\n`,
  )
  process.exitCode = 1
}
