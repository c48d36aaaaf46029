import { inspect } from 'node:util'
import t from 'tap'
import * as fc from 'fast-check'
import { isScalar, parseDocument, visit } from 'yaml'
import { accepted, base, changed, example, exampleEnv, load, report } from './base.ts'

const CANARY = 'canary-5f3b1c7e'

t.test('no secret is in the configuration, however it is printed', async (t) => {
  const env = Object.fromEntries(
    Object.keys(exampleEnv).map((name) => [name, `${CANARY}-${name.toLowerCase()}`]),
  )
  const { config, warnings } = accepted(example, env)
  t.notMatch(JSON.stringify(config), CANARY)
  t.notMatch(inspect(config, { depth: 20 }), CANARY)
  t.notMatch(warnings.join(), CANARY)
})

t.test(
  'no value of a file is repeated in what is said about it, wherever a secret ends up by mistake',
  async (t) => {
    let places = 0
    for (const wrap of [
      (value: unknown) => value,
      (value: unknown) => [value],
      (value: unknown) => ({ default: value }),
      (value: unknown) => `${String(value)} \u0000 tail`,
    ]) {
      const scalars: number[] = []
      visit(parseDocument(example), {
        Pair(_key, { value }) {
          if (isScalar(value) && value.range) scalars.push(value.range[0])
        },
      })
      for (const start of scalars) {
        const document = parseDocument(example)
        visit(document, {
          Scalar(key, node) {
            if (key === 'key' || node.range?.[0] !== start) return undefined
            return document.createNode(wrap(CANARY))
          },
        })
        const loaded = load(document.toString(), exampleEnv)
        const said = loaded.ok ? loaded.warnings.join() : report(document.toString(), exampleEnv)
        t.notMatch(said, CANARY)
        places++
      }
    }
    t.ok(places > 200, `${places} places`)
  },
)

t.test('a secret that breaks the syntax is not repeated', async (t) => {
  for (const value of [
    `"${CANARY}`,
    `'${CANARY}`,
    `*${CANARY}`,
    `&${CANARY}`,
    `!${CANARY} x`,
    `@${CANARY}`,
    `%${CANARY}`,
    `\`${CANARY}`,
    `[${CANARY}`,
    `{${CANARY}}`,
    `{${CANARY}: 1, ${CANARY}: 2}`,
    `{${CANARY}: { ${CANARY}: }}`,
    `${CANARY}: x`,
    `- ${CANARY}`,
    `"\\${CANARY}"`,
    `|${CANARY}`,
    `> ${CANARY}`,
    `\${${CANARY}}`,
    `\${${CANARY}`,
    `x\n${CANARY}`,
    `"x" ${CANARY}`,
  ]) {
    const said = report(changed('sk-beta', value))
    t.notMatch(said, CANARY, value)
    t.match(said, /^understudy\.yaml:\d+:\d+ /, value)
  }
})

t.test('a secret of the wrong form, or in the environment, is not repeated', async (t) => {
  const cases: Array<[text: string, env: Record<string, string>]> = [
    [changed('studio-iFCx2cAmQ1RIHQSm', '${KEY}'), { KEY: CANARY.slice(0, 12) }],
    [changed('studio-iFCx2cAmQ1RIHQSm', '${KEY}'), { KEY: `${CANARY} ${CANARY}` }],
    [changed('studio-iFCx2cAmQ1RIHQSm', '${KEY}'), { KEY: CANARY.slice(0, 6).repeat(4) }],
    [changed('sk-beta', '${KEY}'), { KEY: `${CANARY}\n` }],
    [changed('sk-beta', `{ value: ${CANARY} }`), {}],
    [changed('api_key: sk-beta', `webhook_secret: [${CANARY}]`), {}],
    [changed('api_key: sk-beta', `apikey: ${CANARY}`), {}],
    [changed('allow: [official]', `webhook_secrets: [${CANARY}]`), {}],
    [changed('allow: [official]', `webhook_secrets: [{ ${CANARY}: 1 }]`), {}],
    [changed('allow: [official]', `webhook_secrets: { ${CANARY}: 1 }`), {}],
    [changed('allow: [official]', `webhook_secrets: ${CANARY}`), {}],
    [changed('allow: [official]', `webhook_url: https://user:${CANARY}@a.example/`), {}],
    [changed('https://beta', `https://user:${CANARY}@beta`), {}],
    [base, { UNDERSTUDY_ADMIN_KEY: `${CANARY} ${CANARY}` }],
    [base, { UNDERSTUDY_ADMIN_KEY: CANARY.slice(0, 12) }],
    [base, { DATABASE_URL: `postgres://user:${CANARY}@host/db?x` }],
    [base, { PORT: CANARY, HOST: `http://${CANARY}`, UNDERSTUDY_ROLE: CANARY }],
  ]
  for (const [text, env] of cases) {
    const said = report(text, env)
    t.not(said, 'ok')
    t.notMatch(said, 'canary')
  }
})

t.test('no text is too broken to be answered with problems that have a place', async () => {
  const snippet = fc.constantFrom(
    '"',
    "'",
    '{',
    '}',
    '[',
    ']',
    ':',
    '- ',
    '\n',
    '\t',
    '*a',
    '&a ',
    '${',
    '${X}',
    '!',
    '#',
    '|',
    '?',
    ',',
  )
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(base.length), fc.nat(12), fc.oneof(snippet, fc.string({ maxLength: 8 }))), {
        minLength: 1,
        maxLength: 4,
      }),
      (edits) => {
        const text = edits.reduce(
          (before, [at, removed, added]) => before.slice(0, at) + added + before.slice(at + removed),
          base,
        )
        const loaded = load(text)
        return (
          loaded.ok ||
          (loaded.problems.length > 0 && loaded.problems.every(({ line }) => line !== null && line > 0))
        )
      },
    ),
    { numRuns: 300 },
  )
})
