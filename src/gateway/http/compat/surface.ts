import { httpMethods } from '../../domain/observability/gateway-metrics.ts'
import multipart from '@fastify/multipart'
import type { FastifyPluginAsync } from 'fastify'
import { Problem } from '../../domain/problem.ts'
import type { CharacterService } from '../../services/characters/characters.ts'
import type { GenerationViews } from '../../services/generations/generation-views.ts'
import type { GenerationService } from '../../services/generations/generations.ts'
import type { MediaIntake } from '../../services/media/media-intake.ts'
import type { CatalogueService } from '../../services/catalogue/catalogue.ts'
import type { ShareVideo } from '../../services/generations/share-video.ts'
import { isFilePart } from '../bodies/form.ts'
import { openaiCharactersRoutes } from './openai/characters.ts'
import { openaiContentRoutes } from './openai/content.ts'
import { openaiCreateRoutes } from './openai/create.ts'
import { answerOpenaiError } from './openai/error.ts'
import { urlParts } from './openai/form.ts'
import { openaiModelsRoutes } from './openai/models.ts'
import { openaiVideosRoutes } from './openai/videos.ts'
import { soraCharactersRoutes } from './sora/characters.ts'
import { soraTasksRoutes } from './sora/tasks.ts'

export interface SurfaceDeps {
  generations: GenerationService
  views: GenerationViews
  characters: CharacterService
  intake: MediaIntake
  catalogue: CatalogueService
  shareVideo: ShareVideo
  uploadBytes: number
}

/**
 * Everything below `/v1`: other systems' protocols over the same services, so that their clients work once their base URL
 * names this gateway. Errors are in the envelope that those clients read, those of unknown paths included.
 */
export const compatSurface: FastifyPluginAsync<SurfaceDeps> = async (app, deps) => {
  const { generations, views, characters, intake, shareVideo } = deps
  app.setErrorHandler(answerOpenaiError)
  await app.register(multipart, {
    throwFileSizeLimit: false,
    isPartAFile: isFilePart(new Set(urlParts.keys())),
    limits: {
      fileSize: deps.uploadBytes + 1,
      fieldSize: 256 * 1024,
      files: 4,
      fields: 32,
      parts: 34,
      headerPairs: 16,
    },
  })
  await app.register(openaiCreateRoutes, { generations, characters, intake })
  await app.register(openaiCharactersRoutes, { characters, intake })
  await app.register(openaiVideosRoutes, { generations, views })
  await app.register(openaiContentRoutes, { generations })
  await app.register(openaiModelsRoutes, { catalogue: deps.catalogue })
  await app.register(soraCharactersRoutes, { characters })
  await app.register(soraTasksRoutes, { generations, shareVideo })
  app.route({
    method: [...httpMethods],
    url: '/v1/*',
    config: { access: 'optional' },
    schema: { hide: true },
    // Before a body is read: a wrong path is not reported as a wrong body.
    onRequest: async ({ method, url }) => {
      throw new Problem('not_found', `Invalid URL (${method} ${url.split('?', 1)[0]})`)
    },
    handler: () => undefined,
  })
}
