import { create as contentDisposition } from 'content-disposition'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { SeriesId } from '../../../domain/ids.ts'
import { slugOf } from '../../../domain/series/file-name.ts'
import type { SeriesManifest } from '../../../domain/series/manifest.ts'
import type { SeriesResults } from '../../../services/series-results/series-results.ts'
import { clientOf } from '../../access.ts'
import { zipBytes, zipStream } from '../../answers/zip.ts'
import type { ZipEntry } from '../../answers/zip.ts'
import { binary } from '../../schemas/generations/media.ts'
import { answer, keyed, problems } from '../../schemas/problem.ts'
import { toManifestCsv, toManifestDto } from '../../schemas/series/series-manifest.ts'
import { SeriesParams } from './series-params.ts'

const refusals = problems(...keyed, 'not_found', 'video_not_ready', 'video_gone')

/** All videos of a series as one archive, made while it is sent. */
export const seriesVideosRoutes: FastifyPluginAsyncZod<{ seriesResults: SeriesResults }> = async (
  app,
  { seriesResults },
) => {
  async function send(id: SeriesId, request: FastifyRequest, reply: FastifyReply) {
    const { manifest, files } = await seriesResults.videos(clientOf(request), id)
    const entries = [
      ...manifestFiles(manifest),
      ...files.map(({ name, bytes, completedAt, read }) => ({
        name,
        bytes,
        modifiedAt: new Date(completedAt),
        read,
      })),
    ]
    reply.headers({
      'content-type': 'application/zip',
      'content-length': zipBytes(entries),
      'content-disposition': dispositionOf(manifest),
      'cache-control': 'private, no-store',
      'x-content-type-options': 'nosniff',
    })
    return request.method === 'HEAD' ? reply.send(null) : reply.send(zipStream(entries))
  }

  app.get('/series/:id/videos.zip', {
    config: { access: 'read' },
    exposeHeadRoute: false,
    schema: {
      operationId: 'getSeriesVideos',
      tags: ['series'],
      summary: 'Download the videos of a series',
      description:
        'The videos of the scenes completed so far, with the manifest, as a ZIP archive without compression.',
      params: SeriesParams,
      response: { 200: answer('A ZIP archive.', binary, 'application/zip'), ...refusals },
    },
    handler: (request, reply) => send(request.params.id, request, reply),
  })

  app.head('/series/:id/videos.zip', {
    config: { access: 'read' },
    schema: {
      operationId: 'headSeriesVideos',
      tags: ['series'],
      summary: 'Get the headers of the ZIP archive',
      params: SeriesParams,
      response: { 200: z.null().meta({ description: 'The headers that `GET` would return.' }), ...refusals },
    },
    handler: (request, reply) => send(request.params.id, request, reply),
  })
}

/** First, so that a download that breaks off still says what it was to have. */
function manifestFiles(manifest: SeriesManifest): ZipEntry[] {
  const json = `${JSON.stringify(toManifestDto(manifest), null, 2)}\n`
  const texts = [
    { name: 'manifest.json', text: json },
    { name: 'manifest.csv', text: toManifestCsv(manifest) },
  ]
  return texts.map(({ name, text }) => {
    const content = Buffer.from(text)
    return {
      name,
      bytes: content.length,
      modifiedAt: new Date(manifest.createdAt),
      async *read() {
        yield content
      },
    }
  })
}

/** Under the name of the series, in any script; its id for programs that take ASCII only. */
function dispositionOf({ seriesId, name }: SeriesManifest): string {
  const slug = slugOf(name ?? '')
  const fallback = /\P{ASCII}/u.test(slug) && `${seriesId}.zip`
  return contentDisposition(`${slug === '' ? seriesId : slug}.zip`, { fallback })
}
