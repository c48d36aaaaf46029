import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { problemEntries } from '../../src/gateway/http/problem-pages/problem-entry.ts'
import {
  problemListMarkdown,
  problemMarkdown,
} from '../../src/gateway/http/problem-pages/problem-markdown.ts'
import { apiReference } from './api-reference.ts'
import { files, languages, pages, root, sidebar, translatedSidebar } from './pages.ts'

/** Text of a page without marks, for its description. */
function plain(markdown: string): string {
  return markdown
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/[`*_]/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
}

function titleOf(text: string): string {
  const [, title = ''] = /^# +(.+)$/m.exec(text) ?? []
  return plain(title)
}

/** The first paragraph that says something, up to 200 characters and a whole word. */
function descriptionOf(text: string): string {
  const paragraphs = text.split(/\n\n+/).filter((each) => !/^(?:#|```|\||!\[|- )/.test(each))
  const said = paragraphs.map(plain).find((each) => each.length >= 40) ?? ''
  return said.length <= 200 ? said : `${said.slice(0, 200).replace(/\s+\S*$/, '')} …`
}

/** A page with what a browser's tab, and a search engine, are told. */
function withHead(text: string): string {
  const title = titleOf(text)
  const description =
    descriptionOf(text) || `${title}: Understudy, a self-hosted gateway for video generation.`
  return `---\ntitle: ${JSON.stringify(title)}\ndescription: ${JSON.stringify(description)}\n---\n\n${text}`
}

/**
 * Links of a document as the site needs them: to other pages, to files that it serves, and to other hosts. What is in the
 * repository alone becomes plain text. Code blocks stay as they are.
 */
function withLinks(source: string, text: string, known: ReadonlyMap<string, string>): string {
  /** Null for what the site does not have. */
  function addressOf(target: string): string | null {
    if (/^(?:[a-z]+:|#)/.test(target)) return target
    const [path = '', anchor] = target.split('#')
    const named = posix.join(posix.dirname(source), path)
    const page = known.get(named)
    if (page === undefined) return files[named] ?? null
    return `/${page}${anchor === undefined ? '' : `#${anchor}`}`
  }
  const replace = (prose: string): string =>
    prose
      .replaceAll(
        /(!?)\[((?:[^[\]]|\[[^[\]]*\])*)\]\(([^()\s]+)\)/g,
        (_whole, mark: string, shown: string, target: string) => {
          const address = addressOf(target)
          return address === null ? shown : `${mark}[${shown}](${address})`
        },
      )
      .replaceAll(
        /^(\[[^\]]+\]: )(\S+)$/gm,
        (_whole, name: string, target: string) => name + (addressOf(target) ?? target),
      )
  return text
    .split(/(^```[^]*?^```$)/m)
    .map((part) => (part.startsWith('```') ? part : replace(part)))
    .join('')
}

/** Every page of the site, by its path. */
function allPages(): Map<string, string> {
  const known = pages()
  const written = [...known].map(([source, page]): [string, string] => [
    page,
    withLinks(source, readFileSync(join(root, source), 'utf8'), known),
  ])
  const entries = problemEntries()
  const list = problemListMarkdown(entries).replaceAll('](/problems/', '](/errors/')
  return new Map([
    ...written,
    ...apiReference(JSON.parse(readFileSync(join(root, 'openapi/openapi.json'), 'utf8'))),
    ['errors/index.md', list],
    ...entries.map((entry): [string, string] => [`errors/${entry.code}.md`, problemMarkdown(entry)]),
  ])
}

function configOf(all: ReadonlyMap<string, string>): object {
  const titles = new Map([...all].map(([page, text]) => [page.replace(/\.md$/, ''), titleOf(text)]))
  const present = languages.filter(({ folder }) => folder === '' || all.has(`${folder}/index.md`))
  const locales = present.map(({ folder, lang, label }): [string, object] => [
    folder === '' ? 'root' : folder,
    { lang, label, ...(folder !== '' && { link: `/${folder}/` }) },
  ])
  return {
    title: 'Understudy',
    description: 'A self-hosted HTTP gateway for video generation: one API for many upstreams.',
    lang: 'en',
    ...(present.length > 1 && { locales: Object.fromEntries<object>(locales) }),
    // A test follows every link and anchor of what was built.
    ignoreDeadLinks: true,
    themeConfig: {
      // Not every page has a translation: the menu of languages leads to their first pages.
      i18nRouting: false,
      nav: [
        { text: 'Start', link: '/' },
        { text: 'Examples', link: '/examples' },
        { text: 'API', link: '/api/' },
        { text: 'Errors', link: '/errors/' },
      ],
      sidebar: {
        '/': sidebar(titles),
        ...Object.fromEntries(present.slice(1).map((each) => translatedSidebar(each, titles))),
      },
      outline: [2, 3],
      search: { provider: 'local' },
    },
  }
}

/** Documents are no templates: what looks like a tag in them is text, and so is what stands in braces. */
function configText(config: object): string {
  const rules = JSON.stringify(join(root, 'docs/site/plain-markdown.ts'))
  return `import { githubAnchor, withoutTemplates } from ${rules}
export default {
  ...${JSON.stringify(config)},
  markdown: {
    html: false,
    attrs: { disable: true },
    anchor: { slugify: githubAnchor },
    config: withoutTemplates,
  },
}
`
}

/** Writes what VitePress builds into an empty folder. */
export function stage(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  const all = allPages()
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  for (const [page, text] of all) write(page, withHead(text))
  write('.vitepress/config.ts', configText(configOf(all)))
  mkdirSync(join(folder, 'public'), { recursive: true })
  for (const [source, address] of Object.entries(files))
    copyFileSync(join(root, source), join(folder, 'public', address))
}
