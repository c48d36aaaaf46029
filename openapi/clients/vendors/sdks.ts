import type { DialectName, SimulatedUpstream } from '../../../src/simulator/simulated-upstream.ts'

/** What is tried with every SDK that knows it; the prompt tells which case a create belongs to. */
export const prompts = {
  text: 'A paper boat in the rain',
  first_frame: 'The boat leaves the harbour',
  frames: 'The boat crosses the bay',
  references: 'The woman of the picture steers the boat',
  refused: 'A forbidden scene',
  refused_late: 'A forbidden-late scene',
  wrong_key: 'A scene for nobody',
  defaults: 'A scene of which nothing else is said',
  running: 'A scene that is looked at while it runs',
  start_and_end: 'The boat comes back',
  unknown_job: 'No scene',
  cancelled: 'A scene that is called off',
  listed: 'A scene that is looked up and deleted',
}

/** A vendor's own client, at an exact version, and the simulator's dialect that it is pointed at. */
export interface VendorSdk {
  /** Also the name of its environment and of its recorded creates. */
  id: string
  language: 'python' | 'node'
  /** Exact requirements; the first one is the SDK. */
  packages: readonly [string, ...string[]]
  /** A file of `programs`. */
  program: string
  dialect: DialectName
  model: string
  /** How the vendor is played where there is a choice. */
  vendor?: Partial<SimulatedUpstream>
  /** Further models that its cases name. */
  otherModels?: readonly string[]
  /** What its case of references sends, so that nothing of it gets lost on the way. */
  references: readonly ('image' | 'video' | 'audio')[]
  /** What its case of a text sets besides: sound, a seed of 7, and no people. */
  sets: readonly ('audio' | 'seed' | 'negative_prompt')[]
  /** Default 5. */
  seconds?: number
  /** Members that it sends besides, and that the vendor does not need. */
  adds?: readonly string[]
  /** Cases in which it sends something else than the gateway does for the same order; the reason stands beside it. */
  differs?: readonly string[]
  /** The vendor has one picture to start from, which the gateway calls a reference. */
  hasPlainReference?: true
}

const veo = {
  dialect: 'veo',
  model: 'veo-3.1-generate-preview',
  references: ['image', 'image'],
  seconds: 8,
} satisfies Partial<VendorSdk>

const replicate = {
  dialect: 'replicate',
  model: 'bytedance/seedance-2.0',
  references: ['image', 'video', 'audio'],
  sets: ['audio', 'seed'],
} satisfies Partial<VendorSdk>

const fal = {
  dialect: 'fal-queue',
  model: 'fal-ai/sora-2/text-to-video',
  otherModels: ['fal-ai/sora-2/image-to-video'],
  references: [],
  sets: [],
  hasPlainReference: true,
} satisfies Partial<VendorSdk>

export const sdks: readonly VendorSdk[] = [
  {
    id: 'byteplus',
    language: 'python',
    // It imports the others, and asks for none of them.
    packages: ['byteplus-python-sdk-v2[ark]==3.0.63', 'httpx==0.28.1', 'sniffio==1.3.1', 'anyio==4.12.0'],
    program: 'byteplus.py',
    dialect: 'ark-tasks',
    model: 'dreamina-seedance-2-0-260128',
    references: ['image', 'video', 'audio'],
    sets: ['audio', 'seed'],
  },
  {
    id: 'openrouter',
    language: 'node',
    packages: ['@openrouter/sdk@1.3.19'],
    program: 'openrouter.mjs',
    dialect: 'openrouter',
    model: 'bytedance/seedance-2.0',
    references: ['image', 'video', 'audio'],
    sets: ['audio', 'seed'],
  },
  {
    id: 'ai-xai',
    language: 'node',
    packages: ['@ai-sdk/xai@5.0.12', 'ai@7.0.173'],
    program: 'ai-xai.mjs',
    dialect: 'xai',
    model: 'grok-imagine-video-1.5',
    references: ['image'],
    sets: ['audio'],
  },
  {
    id: 'ai-bytedance',
    language: 'node',
    packages: ['@ai-sdk/bytedance@1.0.29', 'ai@7.0.173'],
    program: 'ai-bytedance.mjs',
    dialect: 'ark-tasks',
    model: 'dreamina-seedance-2-0-260128',
    references: ['image', 'video', 'audio'],
    sets: ['audio', 'seed'],
    // A first frame alone has no role, which Ark takes for a first frame.
    differs: ['first_frame'],
  },
  {
    id: 'fal',
    language: 'node',
    packages: ['@fal-ai/client@1.10.1'],
    program: 'fal.mjs',
    ...fal,
  },
  {
    id: 'ai-fal',
    language: 'node',
    packages: ['@ai-sdk/fal@3.0.41', 'ai@7.0.173'],
    program: 'ai-fal.mjs',
    ...fal,
    // It asks for the result, and never for the status.
    vendor: { render: { milliseconds: 200 } },
  },
  {
    id: 'wavespeed',
    language: 'python',
    packages: ['wavespeed==2.0.5'],
    program: 'wavespeed_ai.py',
    dialect: 'wavespeed',
    model: 'openai/sora-2/text-to-video',
    otherModels: ['openai/sora-2/image-to-video'],
    references: [],
    sets: [],
    hasPlainReference: true,
  },
  {
    id: 'google-genai-veo',
    language: 'python',
    // The last one that makes videos with a key of the Gemini API; later ones do so at Vertex AI alone.
    packages: ['google-genai==2.34.0'],
    program: 'google_veo.py',
    ...veo,
    sets: ['negative_prompt'],
    // It writes ASSET, where the document has asset.
    differs: ['references'],
  },
  {
    id: 'ai-google',
    language: 'node',
    packages: ['@ai-sdk/google@4.0.121', 'ai@7.0.173'],
    program: 'ai-google.mjs',
    ...veo,
    sets: ['seed'],
  },
  {
    id: 'dashscope',
    language: 'python',
    packages: ['dashscope==2.0.2'],
    program: 'dashscope_wan.py',
    dialect: 'dashscope',
    model: 'wan3.0-video',
    // Both know errors by their status alone.
    vendor: { errorsIn200: false },
    // The first is out of date, the second repeats the path.
    adds: ['extend_prompt', 'function'],
    references: ['image', 'video', 'audio'],
    sets: ['audio', 'seed'],
  },
  {
    id: 'ai-alibaba',
    language: 'node',
    packages: ['@ai-sdk/alibaba@2.0.58', 'ai@7.0.173'],
    program: 'ai-alibaba.mjs',
    dialect: 'dashscope',
    model: 'wan3.0-video',
    vendor: { errorsIn200: false },
    references: ['image', 'video'],
    sets: ['audio', 'seed'],
  },
  {
    id: 'google-genai-omni',
    language: 'python',
    packages: ['google-genai==3.6.1'],
    program: 'google_omni.py',
    dialect: 'gemini-omni',
    model: 'gemini-omni-1.1-flash',
    references: ['image', 'image'],
    sets: [],
  },
  {
    id: 'replicate',
    language: 'node',
    packages: ['replicate@1.4.0'],
    program: 'replicate.mjs',
    ...replicate,
  },
  {
    id: 'replicate-python',
    language: 'python',
    packages: ['replicate==1.0.7'],
    program: 'replicate_runs.py',
    ...replicate,
  },
  {
    id: 'ai-replicate',
    language: 'node',
    packages: ['@ai-sdk/replicate@3.0.46', 'ai@7.0.173'],
    program: 'ai-replicate.mjs',
    ...replicate,
    // Of a list it reads no address.
    model: 'google/veo-3.1',
    sets: ['seed'],
  },
  {
    id: 'runway',
    language: 'python',
    packages: ['runwayml==5.24.0'],
    program: 'runway.py',
    dialect: 'runway',
    model: 'seedance2',
    references: ['image', 'video', 'audio'],
    sets: ['audio', 'seed'],
  },
  {
    id: 'luma',
    language: 'python',
    packages: ['luma-agents==0.5.0'],
    program: 'luma.py',
    dialect: 'luma',
    model: 'ray-3.2',
    references: [],
    sets: [],
  },
]
