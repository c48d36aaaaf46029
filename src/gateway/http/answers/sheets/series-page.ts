import type { FastifyReply } from 'fastify'
import type { ManifestScene } from '../../../domain/series/manifest.ts'
import {
  captionOf,
  missingOf,
  numberOf,
  summaryOf,
  titleOf,
} from '../../../services/series-results/scene-sheet.ts'
import type { SeriesSheet } from '../../../services/series-results/series-results.ts'
import { escape, picture, sendPage } from './page.ts'

/** Characters of a prompt or a message, so that a hundred scenes stay one page. */
const mostShown = 500

/** Answers with the contact sheet of a series. */
export function sendSeriesPage(reply: FastifyReply, { manifest, strips }: SeriesSheet): FastifyReply {
  const scenes = manifest.scenes.map((scene) => sceneOf(scene, strips.get(scene.number) ?? null))
  const main = `<header>
<h1 dir="auto">${escape(titleOf(manifest))}</h1>
<p>${escape(summaryOf(manifest))} · <a href="sheet.png">as a picture</a></p>
</header>
<div class="scenes">
${scenes.join('\n')}
</div>`
  return sendPage(reply, { title: titleOf(manifest), main, formAction: "'none'" })
}

function sceneOf(scene: ManifestScene, strip: Uint8Array | null): string {
  const shown =
    strip === null
      ? `<p class="missing" dir="auto">${escape(missingOf(scene), mostShown)}</p>`
      : picture(strip, `Scene ${scene.number}`)
  const warnings = scene.warnings.map(
    ({ code, detail }) => `<p dir="auto">${escape(`${code}: ${detail}`, mostShown)}</p>`,
  )
  return `<section><h3>${escape(numberOf(scene))}</h3><p class="prompt" dir="auto">${escape(scene.prompt, mostShown)}</p>
<figure>${shown}<figcaption>${escape(captionOf(scene))}${warnings.join('')}</figcaption></figure></section>`
}
