import t from 'tap'
import { textOf } from '../docs/files.ts'
import { makeCharacter } from '../e2e/series-stage.ts'
import { reverse, startGateway } from '../e2e/gateway.ts'
import { workspaceAt } from './series-stage.ts'

/** The fenced blocks of a section, by their language. */
function blocksOf(page: string, heading: string): Array<{ language: string; text: string }> {
  const [, section = ''] = textOf(page).split(`${heading}\n`)
  return [
    ...section
      .split(/^## /m, 1)
      .join('')
      .matchAll(/^```(\w*)\n([^]*?)^```$/gm),
  ].map(([, language = '', text = '']) => ({ language, text }))
}

const anyId = (text: string): string[] =>
  text
    .replaceAll(/ser_\w{26}/g, 'ser_')
    .trimEnd()
    .split('\n')

t.test('the series of README prints what README shows, and the file of its page is accepted', async (t) => {
  const upstream = { ...reverse, id: 'sim-reverse', render: { milliseconds: 200 } }
  const gateway = await startGateway(t, { live: true, patient: true, upstreams: [upstream] })
  await makeCharacter(gateway, 'coffee_girl')
  const workspace = await workspaceAt(t, gateway.address)

  const [file, command, shown] = blocksOf('README.md', '## A list of scenes')
  t.same([file?.language, command?.language, shown?.language], ['yaml', 'sh', ''])
  await workspace.write(file?.text ?? '')
  const [program, ...args] = (command?.text ?? '').trim().split(' ')
  t.equal(program, 'understudy')
  const { code, out, err } = await workspace.run(args)
  t.equal(code, 0, err)
  t.same(anyId(out), anyId(shown?.text ?? ''))

  const documented = blocksOf('docs/SERIES.md', '## From the command line').find(
    ({ language }) => language === 'yaml',
  )
  await workspace.write(documented?.text ?? '', 'documented.yaml')
  const plan = await workspace.run(['series', 'documented.yaml', '--route'])
  t.match(plan, { code: 0, out: /\n2 +tram +sim-reverse/ }, plan.err)
})
