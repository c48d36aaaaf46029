/** The built-in descriptions. Each has a file of the same name in `presets/`. */
export const presetNames = [
  'sora-tasks',
  'create-query',
  'v2-generations',
  'kie-jobs',
  'grsai',
  'fal-queue',
  'wavespeed',
  'volc-asset',
  'comfyui',
  'openrouter',
  'ark-tasks',
  'minimax-v2',
  'xai',
  'replicate',
  'luma',
  'kling',
  'runway',
  'vidu',
  'veo',
  'dashscope',
  'gemini-omni',
  'pixverse',
] as const

export type PresetName = (typeof presetNames)[number]

export function isPreset(name: unknown): name is PresetName {
  return presetNames.some((each) => each === name)
}
