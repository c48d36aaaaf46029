import { dirname, join, normalize } from 'node:path'
import { anchorsOf, linksOf } from './markdown.ts'

/** The pages of the repository, by path from its root. */
export type Pages = ReadonlyMap<string, string>

/** Sections of public standards. */
const publicSection = /\b(RFC|ISO|ITU-T|PNG)\b[^\u00A7]{0,120}(\u00A7[^\u00A7]{0,20})*$/

/** Made by the builds of the console and of the client, so that it is in packages alone. */
const built = /(^|\/)licenses\.md$/

/** Describes each citation in a file that refers to nothing. */
export function brokenCitations(path: string, text: string, pages: Pages): string[] {
  const broken: string[] = []
  const check = (cited: string, target: string): void => {
    const [page = '', anchor] = target.split('#')
    if (built.test(page)) return
    const found = pages.get(page)
    if (found === undefined) broken.push(`${path}: there is no page ${cited}`)
    else if (anchor !== undefined && !anchorsOf(found).has(anchor))
      broken.push(`${path}: there is no section ${cited}`)
  }

  const withoutAddresses = text
    .replaceAll(/\bhttps?:\/\/[^\s<>"')\]]+/g, '')
    .replaceAll(/\]\([^()\s]+\)/g, ']')
  for (const [cited] of withoutAddresses.matchAll(/(?<![\w./-])[\w-][\w./-]*\.md\b(#[\w-]+)?/g))
    check(cited, resolve(path, cited, pages))
  if (path.endsWith('.md'))
    for (const link of linksOf(text)) if (isPage(link)) check(link, fromPage(path, link))
  for (const { index } of text.matchAll(/\u00A7/g))
    if (!publicSection.test(text.slice(Math.max(0, index - 200), index)))
      broken.push(`${path}: a section of a document that it does not name`)
  return broken
}

/**
 * Resolves a citation. Citations are relative to the root; pages in docs/ also refer to each other, and to pages at the
 * root, by file name.
 */
function resolve(path: string, cited: string, pages: Pages): string {
  const [page = ''] = cited.split('#')
  if (pages.has(page) || page.startsWith('docs/')) return cited
  const nearby = [fromPage(path, cited), join('docs', cited)]
  return nearby.find((target) => pages.has(target.split('#')[0] ?? '')) ?? cited
}

function isPage(link: string): boolean {
  return link.startsWith('#') || /\.md(#|$)/.test(link)
}

function fromPage(path: string, link: string): string {
  return link.startsWith('#') ? `${path}${link}` : normalize(join(dirname(path), link))
}
