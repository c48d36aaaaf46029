import { observe, repairWork } from './repairs.ts'
import type { ExampleStage } from './stage.ts'
import { idOf, untilEnded, untilSeriesEnded } from './steps.ts'
import type { Note } from './steps.ts'

async function makeVideos(stage: ExampleStage, note: Note): Promise<void> {
  const clip = `${stage.simulatorOrigin}/clips/mossy.mp4?seconds=3&size=1280x720`
  const character = { name: 'coffee_girl', description: 'a woman in a green apron, short black hair' }
  await note('createCharacter', 'POST', '/characters', { ...character, video_url: clip })
  const request = {
    prompt: '@coffee_girl walks on the beach at sunset',
    duration: 10,
    routing: { max_cost_usd: 1.5 },
    metadata: { shot: '12b' },
  }
  await note('planRoute', 'POST', '/route', request)
  const id = idOf(await note('generate', 'POST', '/generate', request))
  await untilEnded(stage, `/generations/${id}`)
  await note('getGeneration', 'GET', `/generations/${id}`)
  await note('listGenerations', 'GET', '/generations?limit=1')
  await note('countGenerations', 'GET', '/generations/counts')
  await note('listDeliveries', 'GET', `/generations/${id}/deliveries`)
  const other = idOf((await stage.call('POST', '/generate', request)).body)
  await note('cancelGeneration', 'POST', `/generations/${other}/cancel`)
  await note('cancelGenerations', 'POST', '/generations/cancel', { ids: [id, other] })
  await note('updateCharacter', 'PATCH', '/characters/coffee_girl', { description: 'a woman in a red apron' })
  await note('listCharacters', 'GET', '/characters')
  await note('getCharacter', 'GET', '/characters/coffee_girl')
  await note('getCharacterUsage', 'GET', '/characters/coffee_girl/usage')
  await note('getStills', 'GET', '/characters/coffee_girl/stills')
  await note('bindCharacter', 'POST', '/characters/coffee_girl/bindings', { upstreams: ['reseller-a'] })
}

async function makeMore(stage: ExampleStage, note: Note): Promise<void> {
  const film = {
    name: 'A day at the sea',
    scenes: [{ id: 'beach', prompt: '@coffee_girl walks on the beach' }],
  }
  await note('planSeries', 'POST', '/series/route', film)
  const id = idOf(await note('createSeries', 'POST', '/series', film))
  await untilSeriesEnded(stage, id)
  await note('getSeries', 'GET', `/series/${id}`)
  await note('listSeries', 'GET', '/series')
  await note('getSeriesManifest', 'GET', `/series/${id}/manifest`)
  await note('cancelSeries', 'POST', `/series/${id}/cancel`)
  const compared = {
    name: 'Who keeps her apron',
    character: 'coffee_girl',
    scenes: ['@coffee_girl in a crowded tram'],
    upstreams: ['reseller-a'],
    runs: 1,
  }
  await note('planComparison', 'POST', '/comparisons/route', compared)
  await note('createComparison', 'POST', '/comparisons', { ...compared, max_cost_usd: 1 })
  await note('listComparisons', 'GET', '/comparisons')
}

async function makeOthers(stage: ExampleStage, note: Note): Promise<void> {
  const made = idOf(
    await note('openaiCreateVideo', 'POST', '/v1/videos', { prompt: 'paper boat in rain', seconds: '8' }),
  )
  await untilEnded(stage, `/generations/${made}`)
  await note('openaiRetrieveVideo', 'GET', `/v1/videos/${made}`)
  await note('openaiListVideos', 'GET', '/v1/videos?limit=1')
  await note('openaiListModels', 'GET', '/v1/models')
  await note('openaiGetModel', 'GET', '/v1/models/sora-2')
  await note('openaiRemixVideo', 'POST', `/v1/videos/${made}/remix`, { prompt: 'at dusk' })
  const edited = { prompt: 'make the boat red', video: { id: made } }
  await note('openaiEditVideo', 'POST', '/v1/videos/edits', edited)
  const extended = { prompt: 'the boat sails on', seconds: '8', video: { id: made } }
  await note('openaiExtendVideo', 'POST', '/v1/videos/extensions', extended)
  await note('openaiDeleteVideo', 'DELETE', `/v1/videos/${made}`)
  await note('soraListCharacters', 'GET', '/v1/sora/characters')
  await note('soraGenerate', 'POST', '/v1/sora/generate', { prompt: 'a mill by a river', duration: 10 })
}

async function administer(note: Note): Promise<void> {
  const key = { name: 'marketing', tenant: 'studio', scopes: ['generate'], monthly_budget_usd: 200 }
  const id = idOf(await note('createKey', 'POST', '/keys', key))
  await note('updateKey', 'PATCH', `/keys/${id}`, { monthly_budget_usd: 500 })
  await note('rotateKey', 'POST', `/keys/${id}/rotate`, { grace_seconds: 3600 })
  await note('getKey', 'GET', `/keys/${id}`)
  await note('listKeys', 'GET', '/keys')
  await note('getOwnKey', 'GET', '/keys/me')
  await note('updateTenant', 'PATCH', '/tenants/studio', { monthly_budget_usd: 500 })
  await note('getTenant', 'GET', '/tenants/studio')
  await note('listTenants', 'GET', '/tenants')
  await note('listAudit', 'GET', '/audit?limit=2')
  await note('createWebhookSecret', 'POST', '/webhook-secrets', {})
  await note('listWebhookSecrets', 'GET', '/webhook-secrets')
  await note('createEventTicket', 'POST', '/event-tickets', { path: '/events' })
}

async function operate(note: Note): Promise<void> {
  const reason = { reason: 'The account is out of credit.' }
  await note('listModels', 'GET', '/models')
  await note('getModel', 'GET', '/models/sora-2')
  await note('getUsage', 'GET', '/usage?group_by=upstream')
  await note('estimate', 'POST', '/estimates', { count: 500, duration: 10, size: '1280x720' })
  await note('pauseUpstream', 'POST', '/upstreams/reseller-a/pause', reason)
  await note('resumeUpstream', 'POST', '/upstreams/reseller-a/resume')
  await note('pauseOperations', 'POST', '/operations/pause', reason)
  await note('resumeOperations', 'POST', '/operations/resume')
  await note('resetBreaker', 'POST', '/upstreams/reseller-a/breakers/create/reset')
  await note('listUpstreams', 'GET', '/upstreams')
  await note('getRestore', 'GET', '/operations/restore')
  await note('listFailingDeliveries', 'GET', '/deliveries')
  await note('live', 'GET', '/health/live')
}

/** Calls operations one after the other, as a team would, and tells `note` of each that is to be an example. */
export async function playScenes(stage: ExampleStage, note: Note): Promise<void> {
  await makeVideos(stage, note)
  await makeMore(stage, note)
  await makeOthers(stage, note)
  await administer(note)
  await operate(note)
  await repairWork(stage, note)
  await observe(note)
}
