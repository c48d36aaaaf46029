import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { dialects } from '../../src/simulator/dialects/registry.ts'
import type { DialectName, SimulatedUpstream } from '../../src/simulator/simulated-upstream.ts'

const documents = ['config.example.yaml', 'UPSTREAMS.md', 'DIALECTS.md', 'CONFIGURATION.md']

/** One upstream of a documented configuration, with the vendor that the simulator plays for it. */
export interface ExampleUpstream {
  document: string
  /** As documented; the harness says the address and the key. */
  settings: { models: Record<string, string> } & Record<string, unknown>
  vendor: SimulatedUpstream
}

/** Every documented upstream whose dialect the simulator speaks. Those of descriptions inside a configuration are vendors of nobody. */
export function exampleUpstreams(): ExampleUpstream[] {
  const seen = new Map<string, number>()
  return documents.flatMap((document) =>
    textsOf(document)
      .flatMap((text): Array<Record<string, any>> => parse(text).upstreams)
      .flatMap((written) => {
        const { dialect } = written
        if (!isSpoken(dialect)) return []
        const count = (seen.get(written['id']) ?? 0) + 1
        seen.set(written['id'], count)
        const id = count === 1 ? written['id'] : `${written['id']}-${count}`
        return [{ document, settings: settingsOf(written), vendor: vendorFor(id, dialect, written) }]
      }),
  )
}

function isSpoken(dialect: unknown): dialect is DialectName {
  return typeof dialect === 'string' && Object.hasOwn(dialects, dialect)
}

function textsOf(document: string): string[] {
  const text = readFileSync(new URL(`../../docs/${document}`, import.meta.url), 'utf8')
  if (document.endsWith('.yaml')) return [text]
  return [...text.matchAll(/^```yaml\n([\s\S]*?)^```/gm)]
    .map(([, block = '']) => block)
    .filter((block) => block.startsWith('upstreams:'))
}

/** What says where it is, who asks and how often is said here. Nothing is polled, so that nothing has to be rendered. */
const places = [
  'poll',
  'id',
  'base_url',
  'api_key',
  'webhook_secret',
  'asset_api_key',
  'limits',
  'timeouts',
  'breaker',
]

function settingsOf(written: Record<string, any>): ExampleUpstream['settings'] {
  const kept = Object.entries(written).filter(([name]) => !places.includes(name))
  // What is not written is not said, whatever the harness says of its own upstreams.
  const silence = { references: undefined, characters: undefined }
  const poll = { first_after_seconds: 900, every_seconds: 900 }
  const timeouts = { connect_seconds: 30, create_seconds: 30, stall_seconds: 3000, attempt_seconds: 3000 }
  return { ...silence, poll, timeouts, models: written['models'], ...Object.fromEntries(kept) }
}

/** A model and those of its vendor that a preset asks instead where there is a picture or a character. */
function familyOf(model: string): string[] {
  const names = [
    model,
    model.replace(/text-to-video$/, 'image-to-video'),
    model.replace(/-t2v$/, '-i2v'),
    model.replace(/-t2v$/, '-r2v'),
    model.replace(/^(viduq\d)-pro$/, '$1'),
  ]
  return [...new Set(names)]
}

/** It takes every length and size that its protocol has a word for, so that what it refuses is what the protocol refuses. */
function vendorFor(id: string, dialect: DialectName, written: Record<string, any>): SimulatedUpstream {
  const { kind, profile } = written
  return {
    id,
    kind,
    dialect,
    // A LiteLLM proxy speaks as OpenAI does.
    ...(profile !== undefined && { profile: profile === 'litellm' ? 'openai' : profile }),
    apiKey: `${id}-vendor-key-0001`,
    models: Object.values<string>(written['models']).flatMap(familyOf),
    price: { perRequestUsd: 0.1 },
    chargedOn: 'success',
    render: { polls: 2 },
    oneClip: true,
    ...(written['traits']?.characters === 'job' && { characterStyles: ['job'] }),
    characters: written['characters'] === 'native' || written['characters'] === 'inline',
  }
}

/** The variables that the examples name, each with a value. */
export function variablesOf(examples: readonly ExampleUpstream[]): Record<string, string> {
  const names = [...JSON.stringify(examples).matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name)
  return Object.fromEntries(names.map((name) => [name, `${name.toLowerCase()}-Mw7EkT2pRz9LbC4u`]))
}
