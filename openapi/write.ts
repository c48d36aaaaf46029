import { readFile, writeFile } from 'node:fs/promises'
import { buildServer } from '../src/gateway/http/server.ts'

/** Writes openapi.json beside this file from the routes; with `--check`, exits 1 when the committed one differs. */
const file = new URL('openapi.json', import.meta.url)

const unused = (): never => {
  throw new Error('This server only describes itself.')
}

const generations = {
  submit: unused,
  plan: unused,
  get: unused,
  startOf: unused,
  wait: unused,
  cancel: unused,
  cancelMany: unused,
  resubmit: unused,
  remove: unused,
  events: unused,
  history: unused,
  video: unused,
  thumbnail: unused,
}

const series = {
  create: unused,
  get: unused,
  list: unused,
  route: unused,
  retry: unused,
  events: unused,
  cancel: unused,
  remove: unused,
}

const sessions = {
  open: unused,
  exchange: unused,
  find: unused,
  list: unused,
  end: unused,
  endAll: unused,
}

const characters = {
  create: unused,
  list: unused,
  get: unused,
  update: unused,
  remove: unused,
  clip: unused,
  thumbnail: unused,
  stills: unused,
  still: unused,
  replaceStills: unused,
  bind: unused,
  usage: unused,
}

const comparisons = {
  preview: unused,
  create: unused,
  get: unused,
  list: unused,
  score: unused,
  sheet: unused,
  sheetPng: unused,
  sharedSheet: unused,
  sharedSheetPng: unused,
  scoreShared: unused,
  remove: unused,
  endLinks: unused,
}

async function makeDocument(): Promise<string> {
  const server = await buildServer({
    generations,
    views: { list: unused, counts: unused, open: unused },
    characters,
    usage: { report: unused },
    statistics: { of: unused, overall: unused },
    estimates: { estimate: unused, fromHistory: unused },
    catalogue: { ids: unused, list: unused, get: unused },
    keys: { create: unused, list: unused, get: unused, update: unused, rotate: unused, revoke: unused },
    tenants: { list: unused, get: unused, update: unused },
    sessions,
    eventTickets: { issue: unused, find: unused },
    configuration: unused,
    nodes: { list: unused },
    comparisons,
    changes: { note: unused, follow: unused },
    series,
    seriesResults: { manifest: unused, videos: unused, sheet: unused, sheetPng: unused },
    operations: {
      upstreams: unused,
      readiness: unused,
      sharedMedia: unused,
      release: unused,
      pause: unused,
      resume: unused,
      restore: unused,
      resetBreaker: unused,
      probe: unused,
    },
    intake: { fromStream: unused, fromUrl: unused, discard: unused },
    attempts: { exchanges: unused, look: unused, resolve: unused },
    audit: { list: unused, all: unused },
    shareVideo: unused,
    addresses: { end: unused, of: unused, open: unused },
    authenticate: unused,
    isValid: unused,
    onUnknownKeys: unused,
    receiveWebhook: unused,
    webhooks: {
      deliveries: unused,
      failing: unused,
      redeliver: unused,
      secrets: unused,
      makeSecret: unused,
      removeSecret: unused,
    },
    logger: false,
    limits: { uploadBytes: 1 },
  })
  const { body } = await server.inject('/openapi.json')
  await server.close()
  return body
}

/** The first line that differs, with what stood there. */
function firstDifference(was: string, is: string): string {
  const [before, after] = [was.split('\n'), is.split('\n')]
  const line = after.findIndex((text, index) => text !== before[index])
  return `line ${line + 1}:\n- ${before[line] ?? '(end)'}\n+ ${after[line] ?? '(end)'}`
}

const made = await makeDocument()
if (process.argv.includes('--check')) {
  const committed = await readFile(file, 'utf8').catch(() => '')
  if (committed !== made) {
    process.stderr.write(
      `openapi/openapi.json is out of date. Run \`npm run openapi\`.\n${firstDifference(committed, made)}\n`,
    )
    process.exitCode = 1
  }
} else {
  await writeFile(file, made)
}
