import { createHash } from 'node:crypto'
import type { ProblemEntry } from './problem-entry.ts'
import { retryAfterText, statusLine } from './problem-markdown.ts'

const style = `
:root { color-scheme: light dark; --ink: #1c1c1e; --quiet: #5f6368; --rule: #d5d8dc; --paper: #fff; --blank: #f4f5f6; --accent: #0b57d0; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ececee; --quiet: #a3a7ad; --rule: #3a3c40; --paper: #17181a; --blank: #232528; --accent: #8ab4f8; }
}
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main, nav { max-width: 46rem; margin: 0 auto; padding: 1rem 1.5rem; }
h1 { font-size: 1.7rem; margin: 0; }
h2 { font-size: 1.15rem; margin: 1.6rem 0 .3rem; }
.quiet { color: var(--quiet); margin: .2rem 0; }
a { color: var(--accent); }
a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
code { font: .92em ui-monospace, "DejaVu Sans Mono", monospace; background: var(--blank); padding: .1em .3em; border-radius: 3px; overflow-wrap: anywhere; }
pre { background: var(--blank); padding: .8rem 1rem; border-radius: 6px; white-space: pre-wrap; }
pre code { padding: 0; }
table { border-collapse: collapse; width: 100%; margin-top: 1rem; }
th, td { text-align: start; padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
`

/** Nothing is loaded from anywhere, and there is no script. */
export const problemPagePolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

const marks: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function escape(text: string): string {
  return text.replaceAll(/[&<>"]/g, (mark) => marks[mark] ?? mark)
}

/** What stands in backticks becomes code. */
function prose(text: string): string {
  return escape(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>')
}

function page({ title, description }: { title: string; description: string }, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<meta name="description" content="${escape(description.replaceAll('`', ''))}">
<style>${style}</style>
</head>
<body>
${body}
</body>
</html>
`
}

/** The page of a code as HTML: readable without script, style and a mouse. Links are relative to `/problems/`. */
export function problemHtml(entry: ProblemEntry): string {
  const { code, title, status, meaning, whatToDo, retryAfterSeconds, example } = entry
  const steps = whatToDo.map((step) => `<li>${prose(step)}</li>`)
  const retry = retryAfterSeconds === null ? '' : `<p>${prose(retryAfterText(retryAfterSeconds))}</p>\n`
  return page(
    { title: `${title} (${code})`, description: meaning },
    `<nav aria-label="Errors"><a href="../problems">All errors</a></nav>
<main>
<h1>${escape(title)}</h1>
<p class="quiet"><code>${code}</code>, status ${escape(statusLine(status))}</p>
<h2>What it means</h2>
<p>${prose(meaning)}</p>
<h2>What to do</h2>
<ul>
${steps.join('\n')}
</ul>
${retry}<h2>Example</h2>
<pre><code>${escape(JSON.stringify(example, null, 2))}</code></pre>
</main>`,
  )
}

/** The list of all codes as HTML. */
export function problemListHtml(entries: readonly ProblemEntry[]): string {
  const rows = entries.map(
    ({ code, type, status, title }) =>
      `<tr><th scope="row"><a href="${type.slice(1)}"><code>${code}</code></a></th><td>${escape(statusLine(status))}</td><td>${escape(title)}</td></tr>`,
  )
  const description = 'Every error code of the API, with its status, its meaning and what to do.'
  return page(
    { title: 'Errors', description },
    `<main>
<h1>Errors</h1>
<p>${prose('Handle errors by their `code`: codes are stable, texts are not. Each `type` leads to the page of its code.')}</p>
<table>
<thead><tr><th scope="col">Code</th><th scope="col">Status</th><th scope="col">Title</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
</main>`,
  )
}
