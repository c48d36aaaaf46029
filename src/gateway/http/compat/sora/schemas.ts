import { z } from 'zod'
import { exampleCharacterId, exampleGenerationId, generationId, httpUrl, text } from '../../schemas/fields.ts'
import { model, prompt, size } from '../../schemas/generations/generate.ts'

const name = text(80, z.string().trim().min(1)).meta({ description: 'Any text. Prompts use the ID.' })

/**
 * The bodies of docs/vendors/resellers.md#the-sora-tasks-protocol. Fields that they do not have are passed over, as
 * resellers do.
 */
export const SoraCharacterRequest = z
  .object({ video_url: httpUrl, name, description: text(2000).optional() })
  .meta({
    id: 'SoraCharacterRequest',
    examples: [
      { video_url: 'https://cdn.example/c.mp4', name: 'barista', description: 'a woman in a green apron' },
    ],
  })

export const SoraExtractRequest = z
  .object({ task_id: generationId, name })
  .meta({ id: 'SoraExtractRequest', examples: [{ task_id: exampleGenerationId, name: 'barista' }] })

export const SoraGenerateRequest = z
  .object({
    prompt: prompt.meta({ description: 'Mention characters as `@char_…` or `@name`.' }),
    duration: z.coerce.number().positive().max(600).optional().meta({ description: 'Length in seconds.' }),
    model: model.optional().meta({
      description: 'Append `:cost` or `:stability` to set the routing priority of this request.',
    }),
    size: size.optional(),
  })
  .meta({
    id: 'SoraGenerateRequest',
    examples: [{ prompt: `@${exampleCharacterId} pours coffee`, duration: 10 }],
  })

export const SoraCharacterId = z
  .object({ character_id: z.string() })
  .meta({ id: 'SoraCharacterId', examples: [{ character_id: exampleCharacterId }] })

const soraCharacter = z
  .object({ character_id: z.string(), name: z.string(), description: z.string() })
  .meta({ id: 'SoraCharacter' })

export const SoraCharacterList = z
  .object({
    characters: z.array(soraCharacter),
  })
  .meta({
    id: 'SoraCharacterList',
    description: 'The latest 1,000, newest first.',
    examples: [
      {
        characters: [
          { character_id: exampleCharacterId, name: 'barista', description: 'a woman in a green apron' },
        ],
      },
    ],
  })

export const SoraTicket = z
  .object({ task_id: generationId, status: z.literal('processing') })
  .meta({ id: 'SoraTicket', examples: [{ task_id: exampleGenerationId, status: 'processing' }] })

export const SoraTask = z
  .object({
    task_id: generationId,
    status: z.enum(['processing', 'completed', 'failed']),
    progress: z.int().min(0).max(100),
    model: z.string(),
    video_url: z.string().optional().meta({
      description: 'Set when the task is completed. Anyone with the URL can download the video for 24 hours.',
    }),
    error: z.string().optional().meta({ description: 'Set when the task failed: `code: message`.' }),
  })
  .meta({
    id: 'SoraTask',
    examples: [
      {
        task_id: exampleGenerationId,
        status: 'completed',
        progress: 100,
        model: 'sora-2',
        video_url: 'https://gateway.example/media/eyJ…',
      },
    ],
  })

export type SoraCharacterId = z.output<typeof SoraCharacterId>
export type SoraCharacterList = z.output<typeof SoraCharacterList>
export type SoraTicket = z.output<typeof SoraTicket>
export type SoraTask = z.output<typeof SoraTask>
