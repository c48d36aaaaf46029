import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { root, textOf } from './files.ts'

/** The recipes of a page, by their titles. */
function recipesOf(page: string): Map<string, string> {
  const [, section = ''] = /^## Where do I add …$([^]*?)(?=^## |(?![^]))/m.exec(page) ?? []
  const [, ...parts] = section.split(/^### /m)
  return new Map(parts.map((part) => [part.split('\n', 1)[0] ?? '', part]))
}

/** The files and folders that a recipe mentions; `<subject>` stands for any. */
function pathsOf(recipe: string): string[] {
  return [...recipe.matchAll(/`((?:src|test|docs|openapi)\/[\w./<>-]+)`/g)].map(([, path = '']) =>
    path.replace(/<.*/, ''),
  )
}

const missing = (page: string): string[] =>
  [...recipesOf(page).values()].flatMap(pathsOf).filter((path) => !existsSync(join(root, path)))

t.test('every file that a recipe for additions names exists', async (t) => {
  const page = textOf('CONTRIBUTING.md')
  const recipes = recipesOf(page)
  t.ok(recipes.size >= 9, `${recipes.size} recipes`)
  for (const [title, recipe] of recipes) t.ok(pathsOf(recipe).length > 2, `${title} names its files`)
  t.same(missing(page), [])
})

t.test('a file that was moved is found missing', async (t) => {
  const page = `# Contributing\n\n## Where do I add …\n\n### A thing\n\n1. In \`src/gateway/gone.ts\`, and \`src/gateway/http/schemas/<subject>/\`.\n`
  t.same(missing(page), ['src/gateway/gone.ts'])
})
