import { formatUsd } from '../../domain/routing/price.ts'
import type { ManifestScene, SeriesManifest } from '../../domain/series/manifest.ts'
import type { ContactSheet } from '../../ports/media/frame-gallery.ts'
import type { SeriesSheet } from './series-results.ts'

/** A series in the words of a sheet that is drawn: one scene below the other. */
export function sceneSheetOf({ manifest, strips }: SeriesSheet): ContactSheet {
  return {
    title: titleOf(manifest),
    lines: [summaryOf(manifest)],
    source: null,
    columns: [],
    scenes: manifest.scenes.map((scene) => {
      const mediaId = strips.has(scene.number) && scene.video !== null ? scene.video.mediaId : null
      const caption = [captionOf(scene), ...scene.warnings.map(({ code }) => code)].join(' · ')
      const cell = { mediaId, caption, missing: missingOf(scene) }
      return { title: `${numberOf(scene)}: ${scene.prompt}`, takes: [[cell]] }
    }),
  }
}

export function titleOf({ name, seriesId }: SeriesManifest): string {
  return name ?? seriesId
}

export function summaryOf({ scenes, createdAt }: SeriesManifest): string {
  const done = scenes.filter(({ status }) => status === 'completed').length
  const cost = scenes.reduce((sum, { costMicros }) => sum + costMicros, 0)
  const made = new Date(createdAt).toISOString().slice(0, 10)
  return `${done} of ${scenes.length} completed · ${formatUsd(cost)} · ${made}`
}

/** With the id where the caller gave one. */
export function numberOf({ number, id }: ManifestScene): string {
  return id === String(number) ? id : `${number} · ${id}`
}

export function captionOf({ status, upstream, costMicros }: ManifestScene): string {
  return [status, ...(upstream === null ? [] : [upstream]), formatUsd(costMicros)].join(' · ')
}

/** Said where there are no pictures. */
export function missingOf({ error, status, video }: ManifestScene): string {
  if (error !== null) return `${error.code}: ${error.message}`
  if (status !== 'completed') return status
  return video === null ? 'The video was removed.' : 'No picture yet. Load this page again.'
}
