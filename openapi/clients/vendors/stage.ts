import { startSimulator } from '../../../src/simulator/simulator.ts'
import type { SimulatedUpstream } from '../../../src/simulator/simulator.ts'
import { aPicture } from '../../../test/fixtures/pictures.ts'
import { aSound } from '../../../test/fixtures/sounds.ts'
import { startHttp } from '../../../test/upstreams/loopback.ts'
import type { SeenRequest } from '../../../test/upstreams/loopback.ts'
import { prompts, sdks } from './sdks.ts'
import type { VendorSdk } from './sdks.ts'

export const vendorKey = 'vendor-key-0001'

/** The vendor that a client is pointed at. */
export const simulatedVendor = ({
  id,
  dialect,
  model,
  otherModels = [],
  vendor,
}: VendorSdk): SimulatedUpstream => ({
  id,
  kind: 'official',
  dialect,
  apiKey: vendorKey,
  models: [model, ...otherModels],
  sizes: ['1280x720', '720x1280', '854x480', '1920x1080'],
  price: { perSecondUsd: { default: 0.1 } },
  chargedOn: 'success',
  // So that a job is queued until it is asked about.
  render: { polls: 2 },
  characters: false,
  oneClip: true,
  ...vendor,
})

export interface VendorStage extends AsyncDisposable {
  /** What a program is told of one SDK. */
  told(sdk: VendorSdk): string
  /** The requests that this SDK has sent so far. */
  seen(sdk: VendorSdk): SeenRequest[]
  /** What the vendor understood of its creates: frames and references by the prompt. */
  understood(sdk: VendorSdk): Map<string, string[]>
  origin: string
  /** The bytes of pictures, clip and voice by their file names. */
  media: ReadonlyMap<string, Buffer>
}

/** A simulator that plays every vendor, behind a hop that keeps what it is sent; pictures, a clip and a voice beside it. */
export async function startVendorStage(): Promise<VendorStage> {
  await using opened = new AsyncDisposableStack()
  const simulator = await startSimulator({ upstreams: sdks.map(simulatedVendor) })
  opened.defer(() => simulator.close())
  const clip = await fetch(`${simulator.origin}/clips/woman.mp4?seconds=3&size=320x180`)
  const media = new Map<string, [type: string, bytes: Buffer]>([
    ['/media/first.png', ['image/png', aPicture(100)]],
    ['/media/last.png', ['image/png', aPicture(101)]],
    ['/media/person.png', ['image/png', aPicture(102)]],
    ['/media/voice.wav', ['audio/wav', aSound(1)]],
    ['/media/clip.mp4', ['video/mp4', Buffer.from(await clip.arrayBuffer())]],
  ])
  const closing = { teardown: (close: () => unknown) => opened.defer(async () => void (await close())) }
  let origin = ''
  const hop = await startHttp(closing, (request, response) => {
    const [type, bytes] = media.get(request.url) ?? []
    if (type !== undefined) {
      response.writeHead(200, { 'content-type': type }).end(bytes)
      return
    }
    void passedOn(request, { from: simulator.origin, to: origin }).then(({ status, headers, body }) =>
      response.writeHead(status, headers).end(body),
    )
  })
  origin = `http://127.0.0.1:${hop.port}`
  const here = (url: string) => url.replace(simulator.origin, origin)
  const resources = opened.move()
  return {
    origin,
    media: new Map([...media].map(([path, [, bytes]]) => [path.replace('/media/', ''), bytes])),
    told: (sdk) =>
      JSON.stringify({
        base: here(simulator.baseUrl(sdk.id)),
        host: here(simulator.hostUrl(sdk.id)),
        key: vendorKey,
        model: sdk.model,
        prompts,
        first: `${origin}/media/first.png`,
        last: `${origin}/media/last.png`,
        person: `${origin}/media/person.png`,
        clip: `${origin}/media/clip.mp4`,
        voice: `${origin}/media/voice.wav`,
      }),
    seen: (sdk) => {
      const path = new URL(here(simulator.hostUrl(sdk.id))).pathname
      return hop.seen
        .filter(({ url }) => url.startsWith(`${path}/`))
        .map((each) => ({ ...each, url: each.url.slice(path.length) }))
    },
    understood: (sdk) =>
      new Map(
        simulator.control
          .renders(sdk.id)
          .map(({ prompt, inputs, reference }) => [
            prompt,
            inputs?.map(({ role, kind }) => (role === 'reference' ? kind : role)) ??
              (reference === null ? [] : ['first_frame']),
          ]),
      ),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

/** Headers of a connection, which end at each hop. */
const hopByHop = ['host', 'connection', 'content-length', 'transfer-encoding', 'keep-alive', 'expect']

/** The simulator's answer; where it names its own address, that of the hop stands there. */
async function passedOn(request: SeenRequest, { from, to }: { from: string; to: string }) {
  const { method, url, headers, body } = request
  const kept = Object.entries(headers).filter(([name]) => !hopByHop.includes(name))
  const hasBody = method !== 'GET' && method !== 'HEAD' && body.length > 0
  const answer = await fetch(`${from}${url}`, {
    method,
    headers: { ...Object.fromEntries(kept), 'accept-encoding': 'identity' },
    redirect: 'manual',
    ...(hasBody && { body: Uint8Array.from(body) }),
  })
  const bytes = Buffer.from(await answer.arrayBuffer())
  const type = answer.headers.get('content-type') ?? 'application/octet-stream'
  const answered = Object.fromEntries([...answer.headers].filter(([name]) => !hopByHop.includes(name)))
  return {
    status: answer.status,
    headers: { ...answered, 'content-type': type },
    body: type.includes('json') ? Buffer.from(bytes.toString('utf8').replaceAll(from, to)) : bytes,
  }
}
