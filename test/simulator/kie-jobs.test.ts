import t from 'tap'
import { client, heldClock, read, stage, vendor } from './stage.ts'

/** kie.ai, as docs/vendors/job-apis.md#kie describes it. */

const model = 'sora-2-text-to-video'
const order = { model, input: { prompt: 'a fox', aspect_ratio: 'landscape', n_frames: '10' } }
const kie = (quirks = {}) => vendor('kie-jobs', { models: [model], ...quirks })

t.test('a task is in an envelope, and its result JSON in a string', async (t) => {
  const upstream = kie()
  const simulator = await stage(t, [upstream], heldClock())
  const ask = client(simulator, upstream)
  const created = await ask('POST', '/api/v1/jobs/createTask', {
    ...order,
    callBackUrl: 'https://gw.example/cb',
    input: { ...order.input, remove_watermark: true },
  })
  t.match(created.json, { code: 200, msg: 'success', data: { taskId: /^[0-9a-f]{32}$/ } })
  const { taskId } = created.json.data
  t.match(simulator.control.renders(), [{ seconds: 10, size: '160x90', extras: { remove_watermark: true } }])
  const record = async () => (await ask('GET', `/api/v1/jobs/recordInfo?taskId=${taskId}`)).json
  t.match(await record(), {
    code: 200,
    data: { taskId, model, state: 'generating', progress: 50, resultJson: '', failCode: null, failMsg: null },
  })
  const { data } = await record()
  t.match(data, { state: 'success', completeTime: 1_790_000_000_000 })
  const [url] = JSON.parse(data.resultJson).resultUrls
  t.equal((await read(await fetch(url))).headers.get('content-type'), 'video/mp4')
})

t.test('errors are business codes in a 200, or HTTP codes as well where the vendor has it so', async (t) => {
  const upstreams = [kie(), kie({ id: 'strict', errorsIn200: false })]
  const simulator = await stage(t, upstreams)
  for (const upstream of upstreams) {
    const ask = client(simulator, upstream)
    const isPlain = upstream.id === 'strict'
    const cases: [object, number][] = [
      [{ ...order, input: { ...order.input, n_frames: 10 } }, 422],
      [{ ...order, input: { ...order.input, n_frames: '7' } }, 422],
      [{ ...order, input: { ...order.input, aspect_ratio: '4:3' } }, 422],
      [{ ...order, model: 'sora-9' }, 422],
      [{ input: order.input }, 422],
      [{ model, input: {} }, 422],
    ]
    for (const [body, code] of cases) {
      const answer = await ask('POST', '/api/v1/jobs/createTask', body)
      t.match(answer, { status: isPlain ? code : 200, json: { code, data: null } }, JSON.stringify(body))
    }
    t.match((await ask('GET', '/api/v1/jobs/recordInfo?taskId=x')).json, {
      code: 422,
      msg: 'recordInfo is null',
    })
    simulator.control.setFaults(upstream.id, [{ kind: 'model_gone', variant: 'paused_in_200' }])
    t.match(await ask('POST', '/api/v1/jobs/createTask', order), {
      status: 200,
      json: { code: 500, msg: 'This interface is temporarily paused' },
    })
  }
})

t.test('an unknown model, a missing field and a paused model read differently', async (t) => {
  const upstream = kie()
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const words = [
    (await ask('POST', '/api/v1/jobs/createTask', { ...order, model: 'x' })).json.msg,
    (await ask('POST', '/api/v1/jobs/createTask', { ...order, input: {} })).json.msg,
  ]
  simulator.control.setFaults(upstream.id, [{ kind: 'model_gone', variant: 'paused_in_200' }])
  words.push((await ask('POST', '/api/v1/jobs/createTask', order)).json.msg)
  t.equal(new Set(words).size, 3)
})

t.test('characters are jobs too, from a file or from a task, and are used by id or by name', async (t) => {
  const upstream = kie()
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const create = async (name: string, input: object) =>
    (await ask('POST', '/api/v1/jobs/createTask', { model: name, input })).json
  const record = async (taskId: string) =>
    (await ask('GET', `/api/v1/jobs/recordInfo?taskId=${taskId}`)).json.data
  const character_prompt = 'cheerful barista'
  const made = await create('sora-2-characters', {
    character_file_url: [`${simulator.origin}/clips/fox.mp4?seconds=3&size=64x36`],
    character_prompt,
  })
  t.match(await record(made.data.taskId), { state: 'generating', resultJson: '' })
  const { resultJson } = await record(made.data.taskId)
  const { character_id: id } = JSON.parse(resultJson).resultObject
  const used = await create(model, { ...order.input, character_id_list: [id] })
  t.equal(used.code, 200)
  t.match(simulator.control.renders(), [{ characters: [id] }])
  t.match(simulator.control.requests()[upstream.id], { create: 1, character_create: 1, character_read: 2 })

  simulator.control.finish(used.data.taskId)
  const pro = {
    origin_task_id: used.data.taskId,
    timestamps: '1.55,3.55',
    character_user_name: 'sky_ranger',
    character_prompt,
  }
  t.equal((await create('sora-2-characters-pro', { ...pro, timestamps: '1,9' })).code, 422)
  t.equal((await create('sora-2-characters-pro', { ...pro, origin_task_id: 'x' })).code, 422)
  const extracted = await create('sora-2-characters-pro', pro)
  t.equal((await create('sora-2-characters-pro', pro)).msg, 'The character user name is taken.')
  await record(extracted.data.taskId)
  await record(extracted.data.taskId)
  t.equal((await create(model, { ...order.input, prompt: '@sky_ranger runs' })).code, 200)
  t.same(simulator.control.renders().at(-1)?.characters, ['sky_ranger'])
  const six = Array.from({ length: 6 }, () => id)
  t.equal((await create(model, { ...order.input, character_id_list: six })).code, 422)
  simulator.control.revokeCharacter(id)
  t.match(await create(model, { ...order.input, character_id_list: [id] }), { code: 400, msg: /cameos/ })
})

t.test('a character that is refused fails as a task', async (t) => {
  const upstream = kie()
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const made = await ask('POST', '/api/v1/jobs/createTask', {
    model: 'sora-2-characters',
    input: {
      character_file_url: [`${simulator.origin}/clips/fox.mp4?seconds=3&size=64x36`],
      character_prompt: 'a forbidden-late person',
    },
  })
  const path = `/api/v1/jobs/recordInfo?taskId=${made.json.data.taskId}`
  await ask('GET', path)
  t.match((await ask('GET', path)).json.data, {
    state: 'fail',
    failCode: '422',
    failMsg: /polic/,
    resultJson: '',
  })
})
