import type { Client } from '../../domain/accounts/client.ts'
import type { Character } from '../../domain/characters/character.ts'
import type { Warning } from '../../domain/generation/failure.ts'
import { mentionsOf } from '../../domain/characters/prompt.ts'
import type { RoutePlan } from '../../domain/generation/plan.ts'
import { isCharacterId } from '../../domain/ids.ts'
import { Problem } from '../../domain/problem.ts'
import type { FieldFault } from '../../domain/problem.ts'
import type { SceneRequest } from '../../domain/series/scene-request.ts'
import { knownBefore } from '../requests/keep-media.ts'
import { planRoute } from '../requests/plan-route.ts'
import { resolveRequest } from '../requests/resolve-request.ts'
import type { SubmitGenerationDeps } from '../generations/submit-generation.ts'
import type { SceneInput } from './series.ts'

/** A scene that can be sent, with its plan; null where only the key's budget is in the way of a plan now. */
export interface PlannedScene {
  input: SceneInput
  ownWarnings: Warning[]
  plan: RoutePlan | null
}

/** The characters of a series, by id or name; throws with a pointer at each that does not exist. */
export async function charactersOf(
  { characters }: SubmitGenerationDeps,
  client: Client,
  named: readonly string[],
): Promise<Character[]> {
  const found: Character[] = []
  const faults: FieldFault[] = []
  for (const [index, idOrName] of named.entries()) {
    const character = isCharacterId(idOrName)
      ? await characters.get(idOrName)
      : await characters.getByName(client.tenant, idOrName)
    if (character?.tenant === client.tenant) found.push(character)
    else
      faults.push({
        pointer: `/characters/${index}`,
        detail: `${idOrName} does not exist, or belongs to another tenant`,
      })
  }
  if (faults.length === 0) return found
  throw new Problem('character_not_found', 'The series names a character that does not exist.', { faults })
}

type Prepared = Omit<PlannedScene, 'plan'>

/** A scene that mentions none of the series' characters gets all of them put in front of its prompt. */
export function withCharacters(scenes: readonly SceneInput[], characters: readonly Character[]): Prepared[] {
  const handles = new Set(characters.flatMap(({ id, name }) => [id, name]))
  const prefix = characters.map(({ name }) => `@${name} `).join('')
  return scenes.map((input) => {
    const { prompt } = input.request
    if (characters.length === 0 || mentionsOf(prompt).some((mention) => handles.has(mention)))
      return { input, ownWarnings: [] }
    const request = { ...input.request, prompt: prefix + prompt }
    return { input: { ...input, request }, ownWarnings: [characterAdded(characters)] }
  })
}

function characterAdded(characters: readonly Character[]): Warning {
  const names = characters.map(({ name }) => `@${name}`).join(' ')
  const detail = `The prompt mentioned no character of the series; ${names} was added at its beginning.`
  return { code: 'character_added', detail }
}

/** Plans every scene before it says what is wrong, so that all faulty ones are named together; `placeOf` says where each stands in the request. */
export async function planScenes(
  deps: SubmitGenerationDeps,
  client: Client,
  scenes: readonly Prepared[],
  placeOf: (index: number) => number = (index) => index,
): Promise<PlannedScene[]> {
  const planned: PlannedScene[] = []
  const faulty: Array<{ index: number; problem: Problem }> = []
  for (const [at, scene] of scenes.entries()) {
    const index = placeOf(at)
    try {
      planned.push({ ...scene, plan: await planScene(deps, client, scene.input.request) })
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      // What the month has left may change until a later scene is sent; the first one is sent now.
      if (error.code === 'budget_exceeded' && at > 0) planned.push({ ...scene, plan: null })
      else faulty.push({ index, problem: error })
    }
  }
  const [first] = faulty
  if (first === undefined) return planned
  throw new Problem(first.problem.code, messageOf(faulty.length, first), {
    faults: faulty.flatMap(faultsOf),
    extra: {
      scenes: faulty.map(({ index, problem }) => ({
        ...problem.extra,
        scene: index + 1,
        code: problem.code,
        detail: problem.message,
      })),
    },
  })
}

async function planScene(
  deps: SubmitGenerationDeps,
  client: Client,
  request: SceneRequest,
): Promise<RoutePlan> {
  const resolved = await resolveRequest(deps, client, request)
  return planRoute(deps, client, resolved, knownBefore(request))
}

function messageOf(count: number, { index, problem }: { index: number; problem: Problem }): string {
  const rest = count > 1 ? ` ${count - 1} more scenes have faults; see errors.` : ''
  return `Scene ${index + 1}: ${problem.message}${rest}`
}

function faultsOf({ index, problem }: { index: number; problem: Problem }): FieldFault[] {
  const pointer = `/scenes/${index}`
  if (problem.faults.length === 0) return [{ pointer, detail: problem.message }]
  return problem.faults.map((fault) => ({ ...fault, pointer: `${pointer}${fault.pointer}` }))
}
