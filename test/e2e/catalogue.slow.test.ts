import t from 'tap'
import { checkExamples } from './catalogue-stage.ts'
import { exampleUpstreams } from './example-upstreams.ts'

await checkExamples(
  t,
  exampleUpstreams().filter(({ vendor }) => vendor.kind === 'official'),
)
