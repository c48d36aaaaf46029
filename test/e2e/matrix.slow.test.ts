import t from 'tap'
import type { Test } from 'tap'
import type { Answer } from './gateway.ts'
import { nobodys, ownedPart, promptWord, routes, startMatrix } from './matrix-stage.ts'
import type { MatrixRoute, MatrixStage, ScopeSet } from './matrix-stage.ts'

const sets: ScopeSet[] = [
  ['generate'],
  ['read'],
  ['admin'],
  ['observe'],
  ['operate'],
  ['operate_prompts'],
  ['observe', 'operate_prompts'],
  ['operate', 'operate_prompts'],
]

/** Those whose holders see the work of every tenant, where the route takes them. */
const reaching = ['observe', 'operate']

const codeOf = ({ body }: Answer): string | null => body?.code ?? body?.error?.code ?? null
const textOf = ({ body }: Answer): string =>
  Buffer.isBuffer(body) ? body.toString('latin1') : JSON.stringify(body)

const opens = ({ scopes }: MatrixRoute, set: ScopeSet): boolean =>
  scopes.length === 0 || set.some((each) => scopes.includes(each))
const reaches = ({ scopes }: MatrixRoute, set: ScopeSet): boolean =>
  set.some((each) => reaching.includes(each) && scopes.includes(each))

/** Without what differs between two answers to the same question. */
function bare({ status, body }: Answer): unknown {
  if (Buffer.isBuffer(body)) return { status, bytes: body.length }
  return {
    status,
    text: JSON.stringify(body).replaceAll(/[a-z]{3,5}_[0-9a-z]{26}|req_[\w-]+|"request_id":"[^"]*"/g, '…'),
  }
}

async function checkStranger(t: Test, stage: MatrixStage, route: MatrixRoute, set: ScopeSet): Promise<void> {
  const { owned, as, ask } = stage
  const title = `${route.id} of another tenant with ${set.join('+')}`
  const headers = as('stranger', set)
  const foreign = await ask(route, owned.ids, headers)
  const shows = set.includes('operate_prompts') && reaches(route, set)
  if (!shows) t.notOk(textOf(foreign).includes(promptWord), `${title} tells no prompt`)
  if (!opens(route, set)) return void t.equal(foreign.status, 403, title)
  if (ownedPart(route.path, owned) === null) {
    t.not(foreign.status, 401, title)
    // An admin reads in the audit log what was done to whose things.
    if (!reaches(route, set) && !set.includes('admin'))
      for (const id of Object.values(owned.ids))
        t.notOk(textOf(foreign).includes(id), `${title} names nothing of it`)
    return
  }
  if (!reaches(route, set)) {
    const missing = await ask(route, nobodys(owned), headers)
    t.equal(missing.status, 404, `${title}: nobody's`)
    t.same(bare(foreign), bare(missing), `${title} is as if it were not there`)
    return
  }
  if (route.isMedia && !shows) {
    t.equal(foreign.status, 403, `${title} is kept back`)
    return
  }
  t.not(foreign.status, 404, title)
  t.not(foreign.status, 401, title)
  t.not(codeOf(foreign), 'forbidden', title)
}

async function checkOwner(
  t: Test,
  { owned, as, ask }: MatrixStage,
  route: MatrixRoute,
  set: ScopeSet,
): Promise<void> {
  const title = `${route.id} of one's own with ${set.join('+')}`
  const own = await ask(route, owned.ids, as('owner', set))
  if (!opens(route, set)) return void t.equal(own.status, 403, title)
  t.not(own.status, 401, title)
  // Media of a generation take `read` or `generate`, also one's own, or `operate_prompts` beside what reaches them.
  const isKeptBack = route.isMedia && reaches(route, set) && !set.includes('operate_prompts')
  if (isKeptBack) return void t.equal(own.status, 403, title)
  t.not(codeOf(own), 'forbidden', title)
  // The first of the calls that remove a thing has removed it for the others.
  if (route.method !== 'DELETE' && ownedPart(route.path, owned) !== null) t.not(own.status, 404, title)
}

t.test(
  'every route answers every scope, for own, foreign and missing things, as the API document says',
  async (t) => {
    const stage = await startMatrix(t, sets)
    const { owned, ask } = stage
    t.ok(routes.length > 80, `${routes.length} routes`)
    let guess = 0
    for (const route of routes) {
      if (route.scopes.length > 0) {
        t.equal((await ask(route, owned.ids, {})).status, 401, `${route.id} without a key`)
        // Each from an address of its own, because guesses are slowed down.
        const wrong = {
          authorization: 'Bearer not-a-key-of-anybody',
          'x-forwarded-for': `192.0.2.${guess++}`,
        }
        t.equal((await ask(route, owned.ids, wrong)).status, 401, `${route.id} with a wrong key`)
      }
      for (const set of sets) await checkStranger(t, stage, route, set)
      for (const set of sets) await checkOwner(t, stage, route, set)
    }
  },
)
