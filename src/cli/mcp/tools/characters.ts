import type { McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { character, characterPage } from '../../gateway/shapes.ts'
import { fileOf, formOf, isUrl, present } from '../../values.ts'
import { answer } from '../answers.ts'
import { whileShed } from '../reach.ts'
import type { RootFolder } from '../files/root-folder.ts'
import type { Session } from '../session.ts'
import { ToolError } from '../tool-error.ts'
import { characterView, viewOfCharacter } from '../views/views.ts'
import { generationId } from './follow.ts'

/** The gateway reads a whole clip before it answers. */
const uploadMs = 600_000
const shedMs = 60_000

const createInput = z.strictObject({
  name: z.string().min(1).max(40).describe('lowercase letters, digits and _; mentioned in prompts as @name'),
  description: z.string().max(2000).optional().describe('added to prompts where the character is not native'),
  video: z
    .string()
    .min(1)
    .max(2048)
    .optional()
    .describe('clip: http(s) URL, or path below the folder of --root'),
  generation_id: generationId.optional().describe('completed generation that shows the character'),
  pictures: z
    .array(z.string().min(1).max(2048))
    .min(1)
    .max(8)
    .optional()
    .describe('in place of a clip, the best first: only URLs, or only paths'),
  clip: z
    .strictObject({ start: z.number().min(0), end: z.number().positive() })
    .optional()
    .describe('the seconds of the clip to use'),
})

/** `create_character`, `list_characters` and `get_character`. */
export function addCharacterTools(server: McpServer, session: Session): void {
  server.registerTool(
    'create_character',
    {
      title: 'Create a character',
      description:
        'Creates a character from exactly one of video, generation_id and pictures. Nothing is rendered and nothing is charged.',
      inputSchema: createInput,
      outputSchema: characterView,
      annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: true },
    },
    (asked) =>
      answer(session, async () => {
        const body = await bodyOf(session.root, asked)
        const made = await session.reach.within({ ms: uploadMs }, (api) =>
          whileShed(() => api.call('POST', '/characters', character, { body }), Date.now() + shedMs),
        )
        session.log(`${made.id} created.`)
        return viewOfCharacter(made)
      }),
  )
  server.registerTool(
    'list_characters',
    {
      title: 'List characters',
      description: 'Lists characters that prompts can mention as @name.',
      inputSchema: z.strictObject({
        search: z.string().max(200).optional().describe('words of the name or the description'),
        limit: z.int().min(1).max(50).default(20),
        cursor: z.string().max(500).optional().describe('next_cursor of the page before'),
      }),
      outputSchema: z.object({ characters: z.array(characterView), next_cursor: z.string().nullable() }),
      annotations: { readOnlyHint: true },
    },
    ({ search, limit, cursor }, { mcpReq: { signal } }) =>
      answer(session, async () => {
        const query = new URLSearchParams({
          limit: String(limit),
          ...(search !== undefined && { search }),
          ...(cursor !== undefined && { cursor }),
        })
        const page = await session.reach.read(`/characters?${query.toString()}`, characterPage, signal)
        return { characters: page.data.map(viewOfCharacter), next_cursor: page.next_cursor }
      }),
  )
  server.registerTool(
    'get_character',
    {
      title: 'Show a character',
      description: 'Shows one character.',
      inputSchema: z.strictObject({ name: z.string().min(1).max(64).describe('name or ID') }),
      outputSchema: characterView,
      annotations: { readOnlyHint: true },
    },
    ({ name }, { mcpReq: { signal } }) =>
      answer(session, async () => {
        const path = `/characters/${encodeURIComponent(name.replace(/^@/, ''))}`
        return viewOfCharacter(await session.reach.read(path, character, signal))
      }),
  )
}

async function bodyOf(root: RootFolder, asked: z.output<typeof createInput>): Promise<object> {
  const { video, generation_id: generation, pictures, ...fields } = asked
  if ([video, generation, pictures].filter((source) => source !== undefined).length !== 1)
    throw new ToolError(
      'one_source',
      'A character is made from exactly one of video, generation_id and pictures.',
      'Pass one of them.',
    )
  if (pictures?.every(isUrl) === true)
    return present({ ...fields, pictures: pictures.map((url) => ({ image_url: url })) })
  if (pictures !== undefined) return withFiles(root, fields, 'pictures', pictures)
  if (video !== undefined && !isUrl(video)) return withFiles(root, fields, 'video', [video])
  return present({ ...fields, video_url: video, generation_id: generation })
}

async function withFiles(
  root: RootFolder,
  fields: object,
  part: string,
  paths: readonly string[],
): Promise<FormData> {
  const form = formOf(fields)
  for (const path of paths) {
    if (isUrl(path))
      throw new ToolError('mixed_pictures', 'Pictures are only URLs or only paths.', 'Pass one kind.')
    const { name, content } = await fileOf(await root.fileToRead(path))
    form.append(part, content, name)
  }
  return form
}
