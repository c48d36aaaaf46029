import type { Api } from '../gateway/api.ts'
import { CliError, exitCodes, note, say, sayJson } from '../output/terminal.ts'
import type { ExitCode, Terminal } from '../output/terminal.ts'
import { present } from '../values.ts'
import { everyOne } from './pages.ts'
import { key, keyPage, madeKey } from './shapes.ts'
import type { Key } from './shapes.ts'
import { showKey, showKeys } from './show.ts'

export interface Json {
  json?: boolean
}

/** No limit. Commander turns a null that an option is parsed to into an empty text, so it is a word until it is sent. */
export type Unlimited = 'unlimited'

/** As parsed from the command line. */
export interface KeyOptions extends Json {
  tenant?: string
  scopes?: string[]
  allow?: string[]
  upstreams?: string[] | Unlimited
  models?: string[] | Unlimited
  budget?: number | Unlimited
  requestsPerMinute?: number | Unlimited
  maxInFlight?: number | Unlimited
  expires?: string
}

/** `understudy keys list`: those that open something; with `all` also those that are over. */
export async function listKeys(
  api: Api,
  terminal: Terminal,
  { all, json }: Json & { all?: boolean },
): Promise<ExitCode> {
  const found: Key[] = []
  for await (const each of everyOne(api, '/keys', keyPage)) {
    if (all === true || each.state === 'active') found.push(each)
  }
  if (json === true) sayJson(terminal, found)
  else say(terminal, showKeys(found))
  return exitCodes.fine
}

/** `understudy keys show [KEY]`: by default the key that is logged in with. */
export async function showOneKey(
  api: Api,
  terminal: Terminal,
  named: string | undefined,
  { json }: Json,
): Promise<ExitCode> {
  const path = named === undefined ? '/keys/me' : await pathOf(api, named)
  const found = await api.call('GET', path, key)
  if (json === true) sayJson(terminal, found)
  else say(terminal, showKey(found))
  return exitCodes.fine
}

/** `understudy keys create NAME`: the secret is all that goes to stdout, so that a script can take it. */
export async function createKey(
  api: Api,
  terminal: Terminal,
  name: string,
  options: KeyOptions,
): Promise<ExitCode> {
  const body = { name, ...settingsOf(options) }
  const made = await api.call('POST', '/keys', madeKey, { body })
  return saySecret(terminal, made, options)
}

/** `understudy keys rotate KEY`: the secret before it stays valid for `grace` seconds. */
export async function rotateKey(
  api: Api,
  terminal: Terminal,
  named: string,
  { grace, json }: Json & { grace?: number },
): Promise<ExitCode> {
  const body = present({ grace_seconds: grace })
  const made = await api.call('POST', `${await pathOf(api, named)}/rotate`, madeKey, { body })
  return saySecret(terminal, made, { ...(json !== undefined && { json }) })
}

/** `understudy keys update KEY`: only what is given changes. */
export async function updateKey(
  api: Api,
  terminal: Terminal,
  named: string,
  options: KeyOptions,
): Promise<ExitCode> {
  const body = settingsOf(options)
  if (Object.keys(body).length === 0)
    throw new CliError(exitCodes.refused, 'Nothing to change. Give at least one option, such as --budget.')
  const changed = await api.call('PATCH', await pathOf(api, named), key, { body })
  if (options.json === true) sayJson(terminal, changed)
  else say(terminal, showKey(changed))
  return exitCodes.fine
}

/** `understudy keys revoke KEY`: for good. */
export async function revokeKey(api: Api, terminal: Terminal, named: string): Promise<ExitCode> {
  await api.remove(await pathOf(api, named))
  say(terminal, `${named} is revoked.`)
  return exitCodes.fine
}

function saySecret(terminal: Terminal, made: Key & { secret: string }, { json }: Json): ExitCode {
  if (json === true) sayJson(terminal, made)
  else {
    note(terminal, `${made.name}  ${made.id}\nThe secret is shown only once:`)
    say(terminal, made.secret)
  }
  return exitCodes.fine
}

function settingsOf(options: KeyOptions): Record<string, unknown> {
  const settings = present({
    tenant: options.tenant,
    scopes: options.scopes,
    allow: options.allow,
    upstreams: options.upstreams,
    models: options.models,
    monthly_budget_usd: options.budget,
    requests_per_minute: options.requestsPerMinute,
    max_in_flight: options.maxInFlight,
    expires_at: options.expires,
  })
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [name, value === 'unlimited' ? null : value]),
  )
}

/** A name is that of a valid key; of keys that are over, several may have had it, so they go by their IDs. */
async function pathOf(api: Api, named: string): Promise<string> {
  if (/^key_[0-9a-z]{26}$/.test(named)) return `/keys/${named}`
  for await (const each of everyOne(api, '/keys', keyPage)) {
    if (each.name === named && each.state === 'active') return `/keys/${each.id}`
  }
  throw new CliError(
    exitCodes.refused,
    `No valid key is called ${named}. See understudy keys list --all, and use the ID.`,
  )
}
