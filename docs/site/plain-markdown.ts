import type { MarkdownRenderer } from 'vitepress'

/** The anchor of a heading by GitHub's rules, which the links of the documents are written for. Repeated ones get a number elsewhere. */
export function githubAnchor(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '')
    .replaceAll(' ', '-')
}

/** VitePress compiles pages as templates of Vue; the braces of the documents are text. */
export function withoutTemplates(markdown: MarkdownRenderer): void {
  const { escapeHtml } = markdown.utils
  const text = (content = ''): string => escapeHtml(content).replaceAll('{{', '&#123;&#123;')
  const { rules } = markdown.renderer
  rules['text'] = (tokens, index) => text(tokens[index]?.content)
  rules['code_inline'] = (tokens, index) => `<code>${text(tokens[index]?.content)}</code>`
}
