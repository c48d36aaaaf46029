// The reporter of `npm test`: one line per test file when it ends, and what failed in it right below. In CI's log, where no
// cursor moves, tap's own reporters print either every assertion (22,000 lines) or every frame of an animation.
// What each process loads is noted by tap for coverage, which is off, and for --changed. It takes 0.3 s of each file's time.
process.env._TAPJS_PROCESSINFO_EXCLUDE_ = '/./'

import { writeFileSync } from 'node:fs'

let isFirst = true
let [done, files] = [0, 0]
const sum = { pass: 0, fail: 0, skip: 0, todo: 0 }
const failed = []
/** What failed, once more for the end of the log, where a long run is looked at first. */
const faults = []
const mostFaults = 60
/** By file: its comments, and what it wrote besides. */
const comments = new Map()
/** A file may write without end; the last lines tell how it failed. */
const mostComments = 400

/** tap renders a reporter as a component; this one prints by itself and renders nothing. */
export default function TestProgress({ test }) {
  if (isFirst) {
    isFirst = false
    test.on('subtestAdd', () => (files += 1))
    test.on('subtestStart', heard)
    test.on('subtestEnd', told)
    test.on('complete', (results) => closed(test, results))
  }
  return null
}

const write = (text) => void process.stdout.write(`${text}\n`)
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`
const indented = (text) => text.trimEnd().replaceAll(/^/gm, '       ')

function heard(file) {
  const lines = []
  comments.set(file, lines)
  const note = (text) => {
    lines.push(String(text).trimEnd())
    if (lines.length > mostComments) lines.shift()
  }
  const listen = (parser) => {
    parser.on('child', listen)
    parser.on('comment', (text) => /^# (Subtest|time=)/.test(text.trim()) || note(text))
  }
  listen(file.parser)
  file.parser.on('extra', note)
  file.on('process', ({ stderr }) => stderr?.on('data', note))
}

function told(file) {
  const { results, counts, lists, name, time } = file
  done += 1
  for (const key of Object.keys(sum)) sum[key] += counts[key]
  const isGood = results?.ok === true
  const odd = ['fail', 'skip', 'todo'].filter((key) => counts[key] > 0).map((key) => `${counts[key]} ${key}`)
  const what = [`${counts.pass} passed`, ...odd].join(', ')
  write(`${isGood ? 'ok    ' : 'NOT OK'} ${done}/${files} ${name}: ${what}, ${seconds(time)}`)
  for (const skipped of [...lists.skip, ...lists.todo]) write(`       not run: ${skipped.fullname}`)
  // The slow files comment on their figures, which are worth a look when they pass, too.
  if (!isGood || name.endsWith('.slow.test.ts'))
    for (const line of comments.get(file) ?? []) write(indented(line))
  comments.delete(file)
  if (isGood) return
  failed.push(name)
  faults.push(name, ...lists.fail.map(({ fullname }) => `  ${fullname}`))
  for (const { fullname, diag } of lists.fail) {
    const { stack = '', source = '', diff = '', at: _, ...others } = diag || {}
    write(`\n       ${fullname}`)
    for (const text of [stack, source, diff]) if (text !== '') write(indented(String(text)))
    write(`${indented(JSON.stringify(others, null, 2))}\n`)
  }
}

function closed(test, results) {
  if (results.bailout) write(`Bail out: ${results.bailout}`)
  if (failed.length > 0) {
    const shown = faults.slice(0, mostFaults).join('\n')
    write(`\nFailed; one file again, with all that it says: npx tap -Rtap FILE\n${indented(shown)}`)
  }
  if (process.env.FAILED_FILES) writeFileSync(process.env.FAILED_FILES, JSON.stringify(failed))
  write(`\n${files} files, ${seconds(test.time)}, ${sum.skip} skipped, ${sum.todo} to do`)
  // A file that ends badly without a failed assertion counts as one.
  write(`${sum.pass} passed, ${Math.max(sum.fail, failed.length)} failed`)
}
