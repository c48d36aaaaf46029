import t from 'tap'
import { renderClip } from '../../src/simulator/clips/clip.ts'
import type { SimulatedUpstream } from '../../src/simulator/simulator.ts'
import { client, form, official, reseller, stage, vendor } from './stage.ts'

type Ask = ReturnType<typeof client>
type Answer = Awaited<ReturnType<Ask>>

/** Every way of making a character: the call, and what its answer has that one without a character has not. */
interface Style {
  upstream: SimulatedUpstream
  make: (ask: Ask, clip: string) => Promise<Answer>
  idOf: (answer: Answer) => unknown
  /** Whether it takes time. */
  isJob: boolean
}

const bytes = await renderClip({ seconds: 3, width: 64, height: 36, seed: 'fox' })
const span = { timestamps: '1,3' }

const styles: Style[] = [
  {
    upstream: official({ characters: true }),
    make: (ask, clip) => {
      const video = new Blob([new Uint8Array(bytes)], { type: 'video/mp4' })
      const name = clip.includes('forbidden') ? 'forbidden' : 'Mossy'
      return ask('POST', '/videos/characters', form([['name', name]], [['video', video, 'a.mp4']]))
    },
    idOf: ({ json }) => json.id,
    isJob: false,
  },
  {
    upstream: official({ id: 'by-job', profile: 'new-api', characters: true, characterStyles: ['job'] }),
    make: (ask, url) => ask('POST', '/videos', { model: 'sora-2-character', url, ...span }),
    idOf: ({ json }) => json.id,
    isJob: true,
  },
  {
    upstream: reseller(),
    make: (ask, video_url) => ask('POST', '/sora/characters', { video_url, name: 'fox' }),
    idOf: ({ json }) => json.character_id,
    isJob: false,
  },
  {
    upstream: vendor('create-query'),
    make: (ask, url) => ask('POST', '/sora/v1/characters', { url, ...span }),
    idOf: ({ json }) => json.username,
    isJob: false,
  },
  {
    upstream: vendor('kie-jobs', { models: ['sora-2-text-to-video'] }),
    make: (ask, url) =>
      ask('POST', '/api/v1/jobs/createTask', {
        model: 'sora-2-characters',
        input: { character_file_url: [url], character_prompt: 'a fox' },
      }),
    idOf: ({ json }) => json.data?.taskId,
    isJob: true,
  },
  {
    upstream: vendor('grsai'),
    make: (ask, url) =>
      ask('POST', '/v1/video/sora-upload-character', { url, timestamps: '0,3', webHook: '-1' }),
    idOf: ({ json }) => json.data?.id,
    isJob: true,
  },
  {
    upstream: vendor('fal-queue', { models: ['fal-ai/sora-2/text-to-video'] }),
    make: (ask, video_url) => ask('POST', '/fal-ai/sora-2/characters', { video_url, name: 'Fox' }),
    idOf: ({ json }) => json.request_id,
    isJob: true,
  },
  {
    upstream: vendor('wavespeed', { models: ['openai/sora-2/text-to-video'] }),
    make: (ask, video) => ask('POST', '/api/v3/openai/sora-2/characters', { video, name: 'Fox' }),
    idOf: ({ json }) => json.data?.id,
    isJob: true,
  },
  {
    upstream: vendor('kling', { models: ['kling-v3'] }),
    make: (ask, video_url) =>
      ask('POST', '/v1/general/advanced-custom-elements', {
        element_name: video_url.includes('forbidden') ? 'forbidden' : 'fox',
        element_description: 'a fox',
        reference_type: 'video_refer',
        element_video_list: { refer_videos: [{ video_url }] },
      }),
    idOf: ({ json }) => json.data?.task_id,
    isJob: true,
  },
  {
    upstream: vendor('volc-asset', { models: ['seedance'], assetGroups: ['group-1'] }),
    make: (ask, URL) =>
      ask('POST', '/volc/asset/CreateAsset', {
        model: 'volc-asset-video',
        GroupId: 'group-1',
        Name: 'fox',
        AssetType: 'Video',
        URL,
      }),
    idOf: ({ json }) => json.Id,
    isJob: true,
  },
  {
    upstream: vendor('vidu', { models: ['viduq2-pro'] }),
    make: (ask, video) => ask('POST', '/ent/v2/subjects', { name: 'fox', videos: [video] }),
    idOf: ({ json }) => json.id,
    isJob: false,
  },
]

t.test(
  'every vendor makes characters, refuses some, and suffers the same faults while it does',
  async (t) => {
    const simulator = await stage(
      t,
      styles.map(({ upstream }) => upstream),
    )
    const clipOf = (name: string) => `${simulator.origin}/clips/${name}.mp4?seconds=3&size=64x36`
    for (const { upstream, make, idOf, isJob } of styles) {
      const { id } = upstream
      const ask = client(simulator, upstream)
      const known = () => simulator.control.characters().filter(({ upstream: owner }) => owner === id)
      t.ok(idOf(await make(ask, clipOf('fox'))), id)
      t.match(known(), [{ state: isJob ? 'pending' : 'ready', revoked: false }], id)

      const refused = await make(ask, clipOf('forbidden'))
      t.notOk(idOf(refused), `${id}: ${refused.text}`)
      simulator.control.setFaults(id, [{ kind: 'rate_limited', on: ['character_create'], times: 1 }])
      t.notOk(idOf(await make(ask, clipOf('fox'))), id)
      simulator.control.setFaults(id, [{ kind: 'unauthorized', on: ['character_create'], times: 1 }])
      t.notOk(idOf(await make(ask, clipOf('fox'))), id)
      t.equal(known().length, 1, id)
      simulator.control.setFaults(id, [{ kind: 'reset', accepted: true, on: ['character_create'], times: 1 }])
      await t.rejects(make(ask, clipOf('fox')), TypeError)
      t.equal(known().length, 2, `${id}: the lost one is there`)
      t.equal(simulator.control.requests()[id]?.character_create, 5, id)
      t.same(simulator.control.renders(id), [], 'and nothing was rendered')
    }
  },
)
