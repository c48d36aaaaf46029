import { createHash } from 'node:crypto'
import type { FastifyReply } from 'fastify'
import { shownText } from '../../../domain/shown-text.ts'
import { sheetStyle } from './sheet-style.ts'

const styleHash = createHash('sha256').update(sheetStyle).digest('base64')

/**
 * Answers with a contact sheet as one page that loads nothing from anywhere: pictures are in it, and there is no script.
 * The address may be a secret (a signed link), so it goes to nobody as a referrer. `main` is HTML; `formAction` is where its
 * form may go, as the policy has it.
 */
export function sendPage(
  reply: FastifyReply,
  { title, main, formAction }: { title: string; main: string; formAction: string },
): FastifyReply {
  const policy = [
    "default-src 'none'",
    'img-src data:',
    `style-src 'sha256-${styleHash}'`,
    `form-action ${formAction}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
  return reply
    .headers({
      'content-security-policy': policy,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-store',
    })
    .type('text/html; charset=utf-8').send(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>${sheetStyle}</style>
<main>
${main}
</main>
</html>
`)
}

/** A WebP, or words in its place. */
export function picture(bytes: Uint8Array | null, name: string): string {
  if (bytes === null) return '<p class="missing">no picture</p>'
  const data = Buffer.from(bytes).toString('base64')
  return `<img alt="${escape(name)}" src="data:image/webp;base64,${data}">`
}

/** For the content of an element or a quoted attribute. */
export function escape(text: string, maxLength = 4000): string {
  return shownText(text, maxLength)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}
