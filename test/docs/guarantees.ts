import { parse } from 'yaml'
import { z } from 'zod'

const names = z.record(z.string(), z.array(z.string().min(1)))

const guaranteesSchema = z.strictObject({
  promises: z.array(z.strictObject({ id: z.string(), title: z.string(), text: z.string() })),
  guarantees: z.array(
    z.strictObject({ guarantee: z.string(), promise: z.string(), held_by: names, shown_by: names }),
  ),
})

export type Guarantees = z.infer<typeof guaranteesSchema>

/** Throws for a file of another structure. */
export function parseGuarantees(text: string): Guarantees {
  return guaranteesSchema.parse(parse(text))
}

/** The page, as formatted by Prettier. Links are relative to docs/. */
export function pageOf({ promises, guarantees }: Guarantees): string {
  const sections = promises.map(({ id, title, text }) => {
    const own = guarantees.filter(({ promise }) => promise === id).map(entryOf)
    return `## ${id}: ${title}\n\n${text}\n\n${own.join('\n')}\n`
  })
  return `# Guarantees

<!-- Made of guarantees.yaml by npm run guarantees. -->

What the gateway promises, the code that holds it, and the tests that show it. Each of these tests was seen to fail with its code taken
out. To add a guarantee, take the code out once and see the test fail, then add both to [guarantees.yaml](guarantees.yaml) and run
\`npm run guarantees\`. Suites in \`test/contract\` run against every implementation of a port.

${sections.join('\n')}`
}

function entryOf({ guarantee, held_by: held, shown_by: shown }: Guarantees['guarantees'][number]): string {
  const code = Object.entries(held).map(([file, declared]) =>
    [declared.map((name) => `\`${name}\``).join(', '), linkTo(file)].filter(Boolean).join(' in '),
  )
  const tests = Object.entries(shown).map(([file, titles]) =>
    [linkTo(file), ...titles.map((title) => `    - “${title}”`)].join('\n'),
  )
  const lines = [...code.map((each) => `  - Code: ${each}`), ...tests.map((each) => `  - Test: ${each}`)]
  return [`- **${guarantee}**`, ...lines].join('\n')
}

function linkTo(file: string): string {
  return `[${file}](../${file})`
}

/** Describes each name in the file that the repository does not have; `read` returns null for a missing file. */
export function deadNames(
  { promises, guarantees }: Guarantees,
  read: (file: string) => string | null,
): string[] {
  const known = new Set(promises.map(({ id }) => id))
  return guarantees.flatMap(({ guarantee, promise, held_by: held, shown_by: shown }) => {
    const dead = known.has(promise) ? [] : [`there is no promise ${promise}`]
    if (Object.keys(held).length === 0) dead.push('it names no code')
    if (Object.keys(shown).length === 0) dead.push('it names no test')
    dead.push(...missing(held, read, declares), ...missing(shown, read, hasTitle))
    return dead.map((fault) => `${guarantee} ${fault}`)
  })
}

function missing(
  files: Record<string, string[]>,
  read: (file: string) => string | null,
  has: (text: string, name: string) => boolean,
): string[] {
  return Object.entries(files).flatMap(([file, wanted]) => {
    const text = read(file)
    if (text === null) return [`there is no file ${file}`]
    return wanted.filter((name) => !has(text, name)).map((name) => `${file} has no ${name}`)
  })
}

/** Whether a source declares the name: a function, a constant, a method, or a member that is a function. */
export function declares(text: string, name: string): boolean {
  const patterns = [
    `\\b(function\\*?|const|let|class)\\s+${name}\\b`,
    `^\\s+(async )?${name}\\([^;]*\\)[^;=]*\\{$`,
    `^\\s+${name}: (async )?(\\(|\\w+ =>)`,
  ]
  return patterns.some((pattern) => new RegExp(pattern, 'm').test(text))
}

/** Whether a test file contains this title in quotes. The parts around each … are compared separately. */
export function hasTitle(text: string, title: string): boolean {
  const parts = title.split('…').map((part) => part.trim().replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
  return new RegExp(`(['"\`])${parts.join('[^\\n]*?')}\\1`).test(text.replaceAll(String.raw`\'`, "'"))
}
