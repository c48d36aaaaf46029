import type { FastifyReply } from 'fastify'
import type { CellScores, Comparison, ComparisonCell } from '../../../domain/characters/comparison.ts'
import { tableOf } from '../../../domain/characters/comparison-table.ts'
import type { UpstreamRow } from '../../../domain/characters/comparison-table.ts'
import {
  captionOf,
  missingOf,
  progressText,
  rowLines,
  titleOf,
} from '../../../services/comparisons/contact-sheet.ts'
import type { SheetPictures } from '../../../services/comparisons/comparisons.ts'
import { escape, picture, sendPage } from './page.ts'

export interface SheetAddresses {
  /** Where the form goes, and the sheet as a picture is. */
  scores: string
  png: string
  /** Origin of these addresses, for a page that is opened from elsewhere. */
  origin: string
}

/** Answers with the contact sheet of a comparison, where its videos can be scored. */
export function sendSheetPage(
  reply: FastifyReply,
  pictures: SheetPictures,
  addresses: SheetAddresses,
): FastifyReply {
  const title = titleOf(pictures.view.comparison)
  const main = mainOf(pictures, addresses)
  return sendPage(reply, { title, main, formAction: `'self' ${addresses.origin}` })
}

function mainOf({ view, source, strips }: SheetPictures, { scores: action, png }: SheetAddresses): string {
  const { comparison, scores } = view
  const table = tableOf(comparison, scores)
  const { scenes, upstreams } = comparison
  return `<header>
<h1>${escape(titleOf(comparison))}</h1>
<p>${escape(progressText(comparison, table))} · <a href="${escape(png)}">as a picture</a></p>
<figure class="source">${picture(source, 'The source clip')}<figcaption>Source clip</figcaption></figure>
</header>
<form method="post" action="${escape(action)}">
<div class="sheet columns-${Math.min(4, upstreams.length)}">
<section class="heads">${table.map(head).join('')}</section>
${scenes.map((scene, index) => sceneOf(scene, index, { comparison, scores, strips })).join('\n')}
</div>
<footer>
<p>Face, clothing and style: 0 is somebody else, 100 is the very same. What is left empty is not counted.</p>
<label>Your name <input name="rater" maxlength="80" required autocomplete="name"></label>
<button>Save scores</button>
</footer>
</form>`
}

function head(row: UpstreamRow): string {
  const lines = rowLines(row).map((line) => `<p>${escape(line)}</p>`)
  return `<div><h2>${escape(row.upstream)}</h2>${lines.join('')}</div>`
}

function sceneOf(
  title: string,
  scene: number,
  {
    comparison,
    scores,
    strips,
  }: { comparison: Comparison; scores: readonly CellScores[]; strips: SheetPictures['strips'] },
): string {
  const { cells, runs, upstreams } = comparison
  const takes = Array.from({ length: runs }, (_, run) => {
    const shown = upstreams.map((upstream) => {
      const cell = cells.find(
        (each) => each.scene === scene && each.run === run && each.upstream === upstream,
      )
      return cell === undefined ? '<div></div>' : cellOf(cell, scores, strips)
    })
    return `<div class="take"><span class="run">${run + 1}</span>${shown.join('')}</div>`
  })
  return `<section class="scene"><h3>${escape(title)}</h3>${takes.join('')}</section>`
}

function cellOf(
  cell: ComparisonCell,
  scores: readonly CellScores[],
  strips: SheetPictures['strips'],
): string {
  const { generationId, upstream, scene, run, state } = cell
  const name = `${upstream}, scene ${scene + 1}, run ${run + 1}`
  const strip = strips.get(generationId) ?? null
  const shown = strip === null ? `<p class="missing">${escape(missingOf(cell))}</p>` : picture(strip, name)
  const caption = `<figcaption>${escape(captionOf(cell, scores))}</figcaption>`
  const where = `<div class="where">${escape(upstream)}</div>`
  return `<figure>${where}${shown}${caption}${state === 'delivered' ? fields(generationId, name) : ''}</figure>`
}

function fields(id: string, name: string): string {
  const inputs = ['face', 'clothing', 'style'].map(
    (what) =>
      `<label>${what} <input type="number" min="0" max="100" name="${escape(id)}.${what}" aria-label="${escape(`${what}: ${name}`)}"></label>`,
  )
  return `<div class="scores">${inputs.join('')}</div>`
}
