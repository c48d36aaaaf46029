import type { GetPromptResult, McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'

/** Prompts that a user picks in the client. */
export function addPrompts(server: McpServer): void {
  server.registerPrompt(
    'scene_within_budget',
    {
      title: 'A scene within a budget',
      description: 'Render one scene, with a character if you like, for at most a given amount.',
      argsSchema: z.object({
        scene: z.string().min(1).max(8000).describe('what happens'),
        max_cost_usd: z
          .string()
          .regex(/^\d+(?:\.\d+)?$/)
          .describe('the most that it may cost, such as 0.50'),
        character: z.string().max(64).optional().describe('name of an existing character'),
      }),
    },
    ({ scene, max_cost_usd: most, character }) =>
      said(
        `Render one scene with the tools of Understudy, for at most ${most} USD in all.`,
        ...(character === undefined
          ? []
          : [
              `It shows the character @${character.replace(/^@/, '')}: check it with get_character, and mention it by this name.`,
            ]),
        'Look at list_models for lengths and sizes. Write the prompt, and call preview_route with max_cost_usd. If no upstream is left, take a shorter length or a smaller size; do not raise the amount.',
        `Tell me the price and call generate with max_cost_usd ${most}. Then call wait_for_generation until it has ended.`,
        'If it fails, tell me why before you try again: another take costs again. If it completes, tell me the cost and offer to save it with fetch_video.',
        `The scene: ${JSON.stringify(scene)}`,
      ),
  )
  server.registerPrompt(
    'character_from_source',
    {
      title: 'A new character',
      description: 'Make a character from a clip, pictures or a finished generation.',
      argsSchema: z.object({
        name: z.string().min(1).max(40).describe('lowercase letters, digits and _'),
        source: z.string().min(1).max(2048).describe('path, http(s) URL or ID of a generation'),
        description: z.string().max(2000).optional().describe('what the character looks like'),
      }),
    },
    ({ name, source, description }) =>
      said(
        `Create the character ${JSON.stringify(name)} with create_character of Understudy, from ${JSON.stringify(source)}.`,
        ...(description === undefined ? [] : [`Its description: ${JSON.stringify(description)}`]),
        'An address or a path of a clip is video, one of an image is pictures, and gen_… is generation_id. Creating it costs nothing; do not generate a video.',
        'Then preview a short scene with preview_route, and tell me which upstreams know the character natively.',
      ),
  )
}

function said(...lines: string[]): GetPromptResult {
  return { messages: [{ role: 'user', content: { type: 'text', text: lines.join('\n') } }] }
}
