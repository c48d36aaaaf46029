import type { QueryClient } from '@tanstack/react-query'
import type { Schemas } from '../api/client.ts'
import { mergeChange, mergeChanges, isBehind } from '../rules/merge-changes.ts'
import type { GenerationChange } from '../rules/merge-changes.ts'
import type { Frame } from './frames.ts'

type Row = Schemas['GenerationSummary']
type UpstreamFrame = Extract<Frame, { type: 'upstream.changed' }>

interface Rows {
  data: readonly Row[]
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** A page of generations, whatever else it holds. Counts and other figures below the same key are none. */
function isRows(value: unknown): value is Rows {
  if (!isRecord(value) || !Array.isArray(value['data'])) return false
  const first: unknown = value['data'][0]
  return first === undefined || (isRecord(first) && Array.isArray(first['attempts']) && 'status' in first)
}

function isGeneration(value: unknown): value is Row {
  return isRecord(value) && Array.isArray(value['attempts']) && typeof value['id'] === 'string'
}

export function applyChanges(client: QueryClient, changes: ReadonlyMap<string, GenerationChange>): void {
  for (const query of client.getQueryCache().findAll({ queryKey: ['generations'] })) {
    const { data } = query.state
    if (!isRows(data)) continue
    const rows = mergeChanges(data.data, changes)
    if (rows !== data.data) client.setQueryData(query.queryKey, { ...data, data: rows })
  }
  for (const [id, change] of changes) applyToDetail(client, id, change)
}

function applyToDetail(client: QueryClient, id: string, change: GenerationChange): void {
  const queryKey = ['generation', id]
  const data = client.getQueryData(queryKey)
  if (!isGeneration(data)) return
  if (isBehind(data, change)) void client.invalidateQueries({ queryKey })
  const merged = mergeChange(data, change)
  if (merged !== data) client.setQueryData(queryKey, merged)
}

export function applyRemovals(client: QueryClient, ids: ReadonlySet<string>): void {
  for (const query of client.getQueryCache().findAll({ queryKey: ['generations'] })) {
    const { data } = query.state
    if (!isRows(data) || !data.data.some(({ id }) => ids.has(id))) continue
    client.setQueryData(query.queryKey, { ...data, data: data.data.filter(({ id }) => !ids.has(id)) })
  }
}

interface Upstreams {
  data: ReadonlyArray<Schemas['Upstream']>
}

function isUpstreams(value: unknown): value is Upstreams {
  return isRecord(value) && Array.isArray(value['data'])
}

export function applyUpstreams(client: QueryClient, frames: ReadonlyMap<string, UpstreamFrame>): void {
  const data = client.getQueryData(['upstreams'])
  if (!isUpstreams(data)) return
  const next = data.data.map((upstream) => {
    const frame = frames.get(upstream.id)
    if (frame === undefined) return upstream
    const { enabled, pause, health, breakers, outages } = frame
    return { ...upstream, enabled, pause, health, breakers, outages }
  })
  client.setQueryData(['upstreams'], { ...data, data: next })
}
