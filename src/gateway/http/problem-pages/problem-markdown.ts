import type { ProblemEntry } from './problem-entry.ts'

// An import would load all that `node:http` may answer, such as a WebSocket: 25 ms of a start.
const { STATUS_CODES } = process.getBuiltinModule('node:http')

export function statusLine(status: number): string {
  return `${status} ${STATUS_CODES[status] ?? ''}`.trimEnd()
}

export function retryAfterText(seconds: number): string {
  return `The answer has \`Retry-After\`, usually ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`
}

/** The page of a code as CommonMark. */
export function problemMarkdown(entry: ProblemEntry): string {
  const { code, title, status, meaning, whatToDo, retryAfterSeconds, example } = entry
  return [
    `# ${title}`,
    `\`${code}\`, status ${statusLine(status)}`,
    '## What it means',
    meaning,
    '## What to do',
    whatToDo.map((step) => `- ${step}`).join('\n'),
    ...(retryAfterSeconds === null ? [] : [retryAfterText(retryAfterSeconds)]),
    '## Example',
    `\`\`\`json\n${JSON.stringify(example, null, 2)}\n\`\`\`\n`,
  ].join('\n\n')
}

/** The list of all codes as CommonMark. */
export function problemListMarkdown(entries: readonly ProblemEntry[]): string {
  const rows = entries.map(
    ({ code, type, status, title }) => `| [\`${code}\`](${type}) | ${statusLine(status)} | ${title} |`,
  )
  return [
    '# Errors',
    'Handle errors by their `code`: codes are stable, texts are not. Each `type` leads to the page of its code.',
    `| code | status | title |\n| --- | --- | --- |\n${rows.join('\n')}\n`,
  ].join('\n\n')
}
