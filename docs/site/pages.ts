import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** The languages of the site: the folder below `docs/` and of the addresses; English is at the top. */
export const languages = [
  { folder: '', lang: 'en', label: 'English' },
  { folder: 'zh-TW', lang: 'zh-TW', label: '繁體中文' },
] as const

/** Files of the repository that pages link to and that the site serves as they are, by address. */
export const files: Readonly<Record<string, string>> = {
  'docs/config.example.yaml': '/config.example.yaml',
  'docs/console/overview.png': '/overview.png',
  'openapi/openapi.json': '/openapi.json',
  'openapi/config.schema.json': '/config.schema.json',
}

/** Markdown outside of `docs/` that is a page, too, by the path of its page. */
const others: Readonly<Record<string, string>> = {
  'README.md': 'index.md',
  'CONTRIBUTING.md': 'contributing.md',
  'deploy/helm/understudy/README.md': 'helm.md',
  'deploy/observe/README.md': 'observe.md',
  'openapi/clients/typescript/README.md': 'typescript-client.md',
  'openapi/clients/python/README.md': 'python-client.md',
}

function markdownIn(folder: string): string[] {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder)).flatMap((name) =>
    name.endsWith('.md') ? [`${folder}/${name}`] : [],
  )
}

/** `README.md` is the page of its folder. */
function pageOf(source: string): string {
  return source
    .replace(/^docs\//, '')
    .replace(/(^|\/)README\.md$/, '$1index.md')
    .replace(/[^/]+$/, (name) => name.toLowerCase())
}

/** The page of each source, both as paths: from the root of the repository, and from that of the site. */
export function pages(): Map<string, string> {
  const found = ['docs', 'docs/vendors', ...languages.slice(1).map(({ folder }) => `docs/${folder}`)]
  return new Map([
    ...Object.entries(others),
    ...found.flatMap(markdownIn).map((source): [string, string] => [source, pageOf(source)]),
  ])
}

/** What the sidebar lists, by page. A page that is in no group is the last one's. */
const groups: ReadonlyArray<readonly [title: string, pages: readonly string[]]> = [
  ['Start', ['index', 'examples', 'request', 'characters', 'series', 'webhooks', 'compatibility', 'console']],
  ['Concepts', ['architecture', 'guarantees', 'failures', 'security']],
  ['Set up', ['install', 'deployment', 'configuration', 'upstreams', 'dialects', 'simulator', 'helm']],
  ['Operate', ['operations', 'scale', 'backup', 'moving', 'metrics', 'traces', 'logs', 'observe']],
  ['Reference', ['api/index', 'errors/index', 'typescript-client', 'python-client', 'mcp']],
]

interface SidebarGroup {
  text: string
  collapsed?: boolean
  items: Array<{ text: string; link: string }>
}

/** `titles` is by page, without its ending; the pages of `api/` and `errors/` are behind their first one. */
export function sidebar(titles: ReadonlyMap<string, string>): SidebarGroup[] {
  const listed = new Set(groups.flatMap(([, names]) => names))
  const isMore = (name: string) => !listed.has(name) && !/^(?:api|errors|zh-TW)\//.test(name)
  const all = [...groups, ['More', [...titles.keys()].filter(isMore)]] as const
  return all.map(([text, names]) => ({
    text,
    ...(text === 'More' && { collapsed: true }),
    items: names.flatMap((name) => {
      const title = titles.get(name)
      return title === undefined ? [] : [{ text: title, link: `/${name.replace(/(^|\/)index$/, '$1')}` }]
    }),
  }))
}

/** The pages of another language, with the address below which they are. */
export function translatedSidebar(
  { folder, label }: { folder: string; label: string },
  titles: ReadonlyMap<string, string>,
): [address: string, groups: SidebarGroup[]] {
  const items = [...titles].flatMap(([name, text]) =>
    name.startsWith(`${folder}/`) ? [{ text, link: `/${name.replace(/\/index$/, '/')}` }] : [],
  )
  return [`/${folder}/`, [{ text: label, items }]]
}
