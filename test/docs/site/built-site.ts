import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** A page as it was built. */
export interface BuiltPage {
  /** Its address, such as `/webhooks.html`. */
  address: string
  html: string
  /** What the document itself became, without the frame around it. */
  content: string
}

/** Every page of a built site, by address, without the one for addresses that do not exist. */
export function builtPages(folder: string): Map<string, BuiltPage> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return new Map(
    names.flatMap((name): Array<[string, BuiltPage]> => {
      if (!name.endsWith('.html') || name === '404.html') return []
      const html = readFileSync(join(folder, name), 'utf8')
      const content = /class="vp-doc[^]*?<\/main>/.exec(html)?.[0] ?? ''
      return [[`/${name}`, { address: `/${name}`, html, content }]]
    }),
  )
}

function attributes(html: string, element: string, name: string): string[] {
  return [...html.matchAll(new RegExp(`<${element}\\s[^>]*?\\b${name}="([^"]*)"`, 'g'))].map(
    ([, value = '']) => value.replaceAll('&amp;', '&'),
  )
}

/** Links of a page that lead nowhere on the site. `files` are the addresses of everything that it serves. */
export function brokenLinks(
  page: BuiltPage,
  pages: ReadonlyMap<string, BuiltPage>,
  files: ReadonlySet<string>,
): string[] {
  const named = [
    ...attributes(page.html, 'a', 'href'),
    ...attributes(page.html, 'link', 'href'),
    ...attributes(page.html, 'img', 'src'),
    ...attributes(page.html, 'script', 'src'),
  ]
  return [...new Set(named)].filter((link) => {
    const target = new URL(link, `http://site${page.address}`)
    if (target.host !== 'site') return false
    const path = target.pathname.endsWith('/') ? `${target.pathname}index.html` : target.pathname
    const address = pages.has(`${path}.html`) ? `${path}.html` : path
    const found = pages.get(address)
    if (found === undefined) return !files.has(address)
    const id = decodeURIComponent(target.hash.slice(1))
    return id !== '' && !found.html.includes(` id="${id}"`)
  })
}

/** What a reader, or a screen reader, would stumble over on a page. */
export function faultsOf({ html, content }: BuiltPage): string[] {
  const levels = [...content.matchAll(/<h([1-6])[\s>]/g)].map(([, level]) => Number(level))
  const [first] = levels
  const jumps = levels.some((level, index) => index > 0 && level > (levels[index - 1] ?? 0) + 1)
  const nameless = [...html.matchAll(/<img\s[^>]*>/g)].filter(([tag]) => !/\balt="[^"]+"/.test(tag))
  return [
    ...(/<html lang="[a-zA-Z-]{2,}"/.test(html) ? [] : ['no language']),
    ...(/<title>[^<]{3,}<\/title>/.test(html) ? [] : ['no title']),
    ...(/<meta name="description" content="[^"]{20,}">/.test(html) ? [] : ['no description']),
    ...(first === 1 && levels.filter((level) => level === 1).length === 1
      ? []
      : ['not one heading at the top']),
    ...(jumps ? [`headings leave out a level: ${levels.join(' ')}`] : []),
    ...nameless.map(([tag]) => `no alternative text: ${tag}`),
  ]
}

/** The words of a page as they are without script. */
export function wordsOf(html: string): string {
  return html
    .replaceAll(/<(script|style)[^]*?<\/\1>/g, ' ')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll('&#123;', '{')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll(/\s+/g, ' ')
}
