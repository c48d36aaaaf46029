import t from 'tap'
import type { CharacterOutcome } from '../../src/gateway/domain/attempts/outcome.ts'
import { dialectOf } from '../../src/gateway/upstreams/dialects.ts'
import { settings, spec } from './fixtures.ts'
import { character, clip, followUp, json, plain, recorded } from './preset-fixtures.ts'

/** The asset library of docs/vendors/video-apis.md#ark: calls to a host of its own, which are signed. */

const ark = settings({
  profile: 'generic',
  spec: spec({ dialect: 'ark-tasks', characters: 'native' }),
  keyPair: { accessKey: 'access-key', secretKey: 'secret-key' },
})
const dialect = dialectOf(ark)
const calls = dialect.character
if (calls === null) throw new Error('no calls')
const metadata = { RequestId: 'r1', Version: '2024-01-01', Service: 'ark', Region: 'ap-southeast-1' }
const path = (action: string) => `/?Action=${action}&Version=2024-01-01`
const answered = (result: object, status = 200) =>
  recorded(status, { ResponseMetadata: metadata, Result: result })
const failed = (status: number, code: string) =>
  recorded(status, { ResponseMetadata: { ...metadata, Error: { Code: code, Message: `${code} happened.` } } })

t.test('a clip is brought into a group of the library, and asked about there', async (t) => {
  t.same(dialect.services, {
    assets: {
      baseUrl: 'https://ark.ap-southeast-1.byteplusapi.com',
      signature: { scheme: 'volcengine-v4', service: 'ark', region: 'ap-southeast-1' },
    },
  })
  t.same(calls.encode(character), {
    method: 'POST',
    path: path('CreateAssetGroup'),
    service: 'assets',
    body: { type: 'json', value: { Name: 'amber', GroupType: 'AIGC', ProjectName: 'default' } },
  })
  const second = followUp<CharacterOutcome>(calls.decode(answered({ Id: 'group-1' }), character))
  t.same(second.call, {
    method: 'POST',
    path: path('CreateAsset'),
    service: 'assets',
    body: {
      type: 'json',
      value: {
        GroupId: 'group-1',
        URL: clip.url,
        Name: 'amber',
        AssetType: 'Video',
        ProjectName: 'default',
      },
    },
  })
  t.match(second.decode(answered({ Id: 'asset-1' })), { type: 'pending', operation: { id: 'asset-1' } })
  t.same(calls.poll?.encode({ id: 'asset-1' }), {
    method: 'POST',
    path: path('GetAsset'),
    service: 'assets',
    asks: true,
    body: { type: 'json', value: { Id: 'asset-1', ProjectName: 'default' } },
  })
  const faces = { Code: 'InputImageSensitiveContentDetected.PrivacyInformation', Message: 'a real person' }
  const rows: [result: object, outcome: object][] = [
    [{ Id: 'asset-1', Status: 'Processing' }, { type: 'pending' }],
    [
      { Id: 'asset-1', Status: 'Active' },
      { type: 'ready', handle: 'asset-1' },
    ],
    [{ Id: 'asset-1', Status: 'Failed', Error: faces }, { type: 'refused' }],
  ]
  for (const [result, outcome] of rows)
    t.match(calls.poll?.decode(answered(result), { id: 'asset-1' }), outcome, JSON.stringify(result))
})

t.test('without a key pair nothing is sent there', async (t) => {
  t.equal(dialectOf({ ...ark, keyPair: null }).character, null)
})

t.test('what is wrong with keys and rights is not blamed on the clip', async (t) => {
  const rows: [status: number, code: string, outcome: string][] = [
    [401, 'SignatureDoesNotMatch', 'upstream_down'],
    [401, 'InvalidAccessKey', 'upstream_down'],
    [400, 'InvalidTimestamp', 'upstream_down'],
    [403, 'AccessDenied', 'upstream_down'],
    [403, 'SubscriptionRequired', 'upstream_down'],
    [429, 'FlowLimitExceeded', 'rejected'],
    [400, 'InvalidParameter', 'invalid'],
  ]
  for (const [status, code, type] of rows)
    t.match(calls.decode(failed(status, code), character), { type }, code)
})

t.test('a scene names its characters by the order of their videos', async (t) => {
  const prompt = `${dialect.mention({ handle: 'asset-1', name: 'amber', position: 1 })} waves`
  t.equal(prompt, 'the subject in Video 1 waves')
  const reference = { kind: 'video', media: clip, influence: null } as const
  t.match(json(dialect.create.encode({ ...plain, prompt, characterHandles: ['asset-1'], reference })), {
    value: {
      content: [
        { type: 'text', text: prompt },
        { type: 'video_url', role: 'reference_video', video_url: { url: 'asset://asset-1' } },
        { type: 'video_url', role: 'reference_video', video_url: { url: clip.url } },
      ],
    },
  })
})
