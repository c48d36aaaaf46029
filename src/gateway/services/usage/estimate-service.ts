import { moneyOf } from '../../domain/generation/money.ts'
import type { Generation } from '../../domain/generation/generation.ts'
import { estimate } from '../../domain/routing/estimate.ts'
import type { Workload } from '../../domain/routing/estimate.ts'
import { choicesFor, sumHistory } from '../../domain/routing/history-estimate.ts'
import type { PastChoices, PastWork } from '../../domain/routing/history-estimate.ts'
import type { CharacterStore } from '../../ports/characters/character-store.ts'
import type { Clock } from '../../ports/clock.ts'
import type { GenerationSearch } from '../../ports/generations/generation-search.ts'
import { noteFigures } from '../operations/view-audit.ts'
import type { NoteView } from '../operations/view-audit.ts'
import { routeRequestNow } from '../requests/route-request.ts'
import type { UpstreamGate } from '../advance/upstream-gate.ts'
import { tenantOf, timeOf } from './asked-span.ts'
import type { EstimateService } from './estimates.ts'

/** As for a request that says neither. */
const silence = { durationSeconds: 10, size: 'landscape' } as const

/** Enough for a sum within a few percent, in about a second. */
const mostSampled = 1000

interface Deps {
  gate: Pick<UpstreamGate, 'views' | 'accountOf'>
  store: Pick<GenerationSearch, 'sampleCompleted'>
  characters: Characters
  clock: Clock
  noteView: NoteView
  /** May change at any time. */
  defaults: { readonly model: string }
}

export function createEstimateService(deps: Deps): EstimateService {
  const { gate, store, clock } = deps
  return {
    estimate(client, { count, model, durationSeconds, size, characters }) {
      const workload: Workload = {
        count,
        model: model ?? deps.defaults.model,
        durationSeconds: durationSeconds ?? silence.durationSeconds,
        size: size ?? silence.size,
        characters,
      }
      return { workload, estimates: estimate(workload, gate.views(), client) }
    },
    async fromHistory(client, asked) {
      const tenant = tenantOf(client, asked)
      const now = clock.now()
      const { from, to } = timeOf(asked, now, '/from_history')
      await noteFigures(deps.noteView, client, { tenant, part: 'estimates' })
      const { total, generations } = await store.sampleCompleted({ tenant, from, to, limit: mostSampled })
      const known = { gate, characters: remembering(deps.characters) }
      const views = gate.views()
      const works: PastChoices[] = []
      for await (const generation of generations) {
        works.push(choicesFor(await workOf(known, generation, now), views))
      }
      return { tenant, from, to, sampled: works.length, ...sumHistory(works, total) }
    },
  }
}

type Characters = Pick<CharacterStore, 'get' | 'bindings'>

/** The same characters are in many videos: each is read once. */
function remembering(store: Characters): Characters {
  return { get: once(store.get), bindings: once(store.bindings) }
}

function once<Key, Value>(read: (key: Key) => Promise<Value>): (key: Key) => Promise<Value> {
  const found = new Map<Key, Promise<Value>>()
  return (key) => {
    const known = found.get(key) ?? read(key)
    found.set(key, known)
    return known
  }
}

async function workOf(
  known: { gate: Deps['gate']; characters: Characters },
  generation: Generation,
  now: number,
): Promise<PastWork> {
  const { request, allow, allowUpstreams, allowModels } = generation
  const { characterFidelity, duration } = request.routing
  return {
    request: await routeRequestNow(known, request, now),
    demands: { allow, allowUpstreams, allowModels, characterFidelity, duration },
    money: moneyOf(generation),
  }
}
