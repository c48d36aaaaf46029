import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'

const program = new URL('../../../src/cli/program.ts', import.meta.url).href

/** Says how many files of the SDK are loaded with the program, and with the server. */
const script = `
  import { registerHooks } from 'node:module'
  let loaded = 0
  registerHooks({
    load(url, context, next) {
      if (url.includes('/@modelcontextprotocol/')) loaded += 1
      return next(url, context)
    },
  })
  await import('${program}')
  const before = loaded
  await import(new URL('mcp/serve.ts', '${program}').href)
  console.log(JSON.stringify({ before, after: loaded > before }))
`

t.test('commands other than mcp do not load the SDK', async (t) => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script])
  t.same(JSON.parse(stdout), { before: 0, after: true })
})
