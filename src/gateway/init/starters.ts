import { readFileSync } from 'node:fs'
import { isMap, isSeq, parseDocument } from 'yaml'
import type { YAMLMap } from 'yaml'

const file = new URL('starters.yaml', import.meta.url)

/** A configuration to start from: an upstream of `docs/UPSTREAMS.md`. A test compares `starters.yaml` with that page. */
export interface Starter {
  id: string
  kind: string
  dialect: string
  baseUrl: string
  /** The variable that the documents name for its API key; null if it has none. */
  keyVariable: string | null
}

/** What may be chosen over a starter. */
export interface StarterChoice {
  id: string
  baseUrl: string
  /** Null for an upstream without a key. */
  keyVariable: string | null
}

export function starters(): Starter[] {
  return entries().map((entry) => ({
    id: textOf(entry, 'id'),
    kind: textOf(entry, 'kind'),
    dialect: textOf(entry, 'dialect'),
    baseUrl: textOf(entry, 'base_url'),
    keyVariable: /^\$\{(\w+)\}$/.exec(textOf(entry, 'api_key'))?.[1] ?? null,
  }))
}

/** The text of a configuration file with this one upstream, with its comments. */
export function starterConfig(starter: Starter, choice: StarterChoice): string {
  const document = parsed()
  const found = entriesOf(document).find((entry) => entry.get('id') === starter.id)
  if (found === undefined) throw new Error(`there is no starter ${starter.id}`)
  found.set('id', choice.id)
  found.set('base_url', choice.baseUrl)
  if (choice.keyVariable === null) found.delete('api_key')
  else found.set('api_key', `\${${choice.keyVariable}}`)
  document.commentBefore = [
    ' Written by `understudy init`. All settings are in docs/CONFIGURATION.md.',
    ' Compare prices, lengths and sizes with the contract and the price page of the vendor.',
  ].join('\n')
  document.setIn(['upstreams'], document.createNode([found]))
  return document.toString({ lineWidth: 120 })
}

function parsed() {
  return parseDocument(readFileSync(file, 'utf8'))
}

function entries(): YAMLMap[] {
  return entriesOf(parsed())
}

function entriesOf(document: ReturnType<typeof parsed>): YAMLMap[] {
  const list = document.get('upstreams')
  return isSeq(list) ? list.items.filter((item) => isMap(item)) : []
}

function textOf(entry: YAMLMap, name: string): string {
  const value = entry.get(name)
  return typeof value === 'string' ? value : ''
}
