import { env } from 'node:process'
import t from 'tap'
import { examplesOf } from './programs.ts'
import { firstVideos, tryExamples, verifiers } from './try-examples.ts'

const files = (examples: typeof verifiers): string[] => examples.map(({ file }) => file)

t.test('the pages have their programs in five languages each', async (t) => {
  t.same(files(firstVideos), [
    'first-video.sh',
    'first-video.ts',
    'first_video.py',
    'first-video.go',
    'FirstVideo.java',
  ])
  t.same(files(verifiers), ['verify.ts', 'verify.py', 'verify.go', 'Verify.java', 'verify.rb'])
  t.same(
    examplesOf('page', 'text\n```sh\nls\n```\n```go a.go\npackage main\n```\n').map(({ file }) => file),
    ['a.go'],
  )
})

t.test('every program of the documentation runs as it is printed, and does what its page says', async (t) => {
  let count = 0
  await tryExamples(({ example, fault, skipped }) => {
    count += 1
    const name = `${example.page} ${example.file}`
    if (!skipped) t.equal(fault, null, name)
    else if (env['CI'] === 'true') t.fail(`${name}: its language is not installed, and CI skips nothing`)
    else t.pass(name, { skip: 'its language is not installed' })
  })
  t.equal(count, firstVideos.length + verifiers.length)
})
