import { readdir, readFile } from 'node:fs/promises'
import t from 'tap'
import { printable } from '../../src/cli/output/printable.ts'
import { keys, reverse, startGateway } from '../e2e/gateway.ts'
import { startVendorProxy } from '../fixtures/vendor-proxy.ts'
import { evil, steering } from './steering-text.ts'
import { world } from './world.ts'

t.test(
  'control characters of vendors, prompts and metadata reach no terminal, whatever the command',
  async (t) => {
    const vendor = await startVendorProxy(t)
    const gateway = await startGateway(t, {
      upstreams: [reverse],
      keys: { other: { scopes: ['operate', 'operate_prompts'] } },
      settings: { reseller: { base_url: vendor.url } },
    })
    vendor.forwardTo(gateway.simulator.baseUrl('reseller'))
    const error = { code: 'invalid_request', message: `${evil} is not a size` }
    vendor.answerWith(() => ({
      status: 400,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ error, message: error.message }),
    }))
    const { id } = await gateway.generate({ prompt: `a ${evil} boat`, duration: 5, metadata: { shot: evil } })
    const { body } = await gateway.call('GET', `/generations/${id}`)
    t.match(JSON.stringify(body), /red/, 'it is in what the gateway answers')
    await gateway.call(
      'POST',
      '/upstreams/reseller/pause',
      { reason: evil },
      { authorization: `Bearer ${keys.other}` },
    )

    const { run } = await world(t, gateway.address)
    const operator = { env: { UNDERSTUDY_URL: gateway.address, UNDERSTUDY_API_KEY: keys.other } }
    for (const args of [
      ['list'],
      ['list', '--json'],
      ['watch', id],
      ['watch', id, '--json'],
      ['upstreams'],
      ['upstreams', '--json'],
      ['probe', 'reseller'],
      ['resolve'],
      ['resolve', evil, '--look'],
      ['resubmit', id],
      ['cancel', id],
      ['cancel', '--filter', `metadata.shot=${evil}`, '--json'],
      ['cancel', '--filter', `${evil}=1`],
      ['statistics', 'reseller'],
      ['download', id],
      [evil],
    ]) {
      const { out, err } = await run(args, operator)
      t.notMatch(out + err, steering, printable(args.join(' ')))
      t.not(out + err, '', `${printable(args.join(' '))} says something`)
    }
  },
)

t.test('nothing of the command line writes to a terminal but through the filter', async (t) => {
  const root = new URL('../../src/cli/', import.meta.url)
  const files = await readdir(root, { recursive: true })
  for (const file of files.filter((each) => each.endsWith('.ts') && each !== 'output/terminal.ts')) {
    const text = await readFile(new URL(file, root), 'utf8')
    for (const [, said = ''] of text.matchAll(/std(?:out|err)\.write\((.*)/g))
      t.match(said, /^printable\(|^'[^'$]*'\)|^`\$\{printable\(/, file)
  }
})
