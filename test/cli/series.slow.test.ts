import { createHash } from 'node:crypto'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { official, reverse, startGateway } from '../e2e/gateway.ts'
import type { Gateway } from '../e2e/gateway.ts'
import { workspaceAt, startDoor, until } from './series-stage.ts'

const quick = { ...reverse, render: { milliseconds: 200 } }
const three = `name: A day
settings: { duration: 10 }
scenes:
  - a mill
  - { id: tram, prompt: a tram in the rain }
  - a bridge at night
max_cost_usd: 2
`

async function seriesOf(gateway: Gateway): Promise<any[]> {
  return (await gateway.call('GET', '/series')).body.data
}

t.test(
  'a file of scenes becomes a folder of videos; the same command again fetches nothing twice',
  async (t) => {
    const gateway = await startGateway(t, { live: true, patient: true, upstreams: [quick, official] })
    const workspace = await workspaceAt(t, gateway.address)
    const file = await workspace.write(three)
    const first = await workspace.run(['series', file, '--out', 'film'])
    t.equal(first.code, 0, first.err)
    t.match(
      first.out,
      /^ser_\w+ {2}completed\n\n +scene +status +upstream +cost +result\n1 +1 +completed +reseller +\$0\.12 +001.*\.mp4\n/,
    )
    t.match(first.out, /\n\$0\.36 of \$2\.00 total\n$/)
    t.match(first.err, /^ser_\w+: 3 scenes, videos go to film\n/)
    t.match(first.err, /\n002 tram {2}completed {2}reseller {2}\$0\.12\n/)
    t.notOk(first.err.includes('\u001B'), 'no bars where nobody sees them')

    const [made] = await seriesOf(gateway)
    const { scenes } = (await gateway.call('GET', `/series/${made.id}`)).body
    const videos = (await readdir(join(workspace.folder, 'film')))
      .filter((name) => name.endsWith('.mp4'))
      .toSorted()
    t.same(videos, ['001-a-mill.mp4', '002-tram.mp4', '003-a-bridge-at-night.mp4'])
    for (const [index, name] of videos.entries()) {
      const bytes = await readFile(join(workspace.folder, 'film', name))
      t.equal(createHash('sha256').update(bytes).digest('hex'), scenes[index].video.sha256, name)
    }
    const listed = JSON.parse(await readFile(join(workspace.folder, 'film', 'manifest.json'), 'utf8'))
    t.same(
      listed.scenes.map(({ file_name: name }: any) => name),
      videos,
    )
    const state = join(workspace.folder, 'film', '.understudy-series.json')
    t.equal((await stat(state)).mode & 0o777, 0o600)

    const [kept = '', broken = ''] = videos
    await writeFile(join(workspace.folder, 'film', broken), 'half')
    const before = await stat(join(workspace.folder, 'film', kept))
    const again = await workspace.run(['series', file, '--out', 'film', '--json'])
    t.equal(again.code, 0, again.err)
    t.match(JSON.parse(again.out), {
      id: made.id,
      status: 'completed',
      scenes: [{ file: `film/${kept}` }, {}, {}],
    })
    t.equal(
      (await stat(join(workspace.folder, 'film', kept))).mtimeMs,
      before.mtimeMs,
      'one that is there is kept',
    )
    t.ok((await stat(join(workspace.folder, 'film', broken))).size > 4, 'one that is not whole is fetched')
    t.equal((await seriesOf(gateway)).length, 1)
  },
)

t.test(
  'Ctrl-C says how to continue and how to cancel; the same command continues the same series',
  async (t) => {
    const gateway = await startGateway(t, {
      live: true,
      patient: true,
      upstreams: [{ ...quick, render: { milliseconds: 1500 } }],
    })
    const workspace = await workspaceAt(t, gateway.address)
    const file = await workspace.write(three)
    const running = workspace.start(['series', file, '--out', 'film'])
    await until(() => running.err().includes('in_progress'))
    running.child.kill('SIGINT')
    const ended = await running.ended
    const [made] = await seriesOf(gateway)
    t.equal(ended.code, 130)
    t.match(ended.err, 'Interrupted. To continue, run `understudy series scenes.yaml --out film`')
    t.match(ended.err, `run \`understudy series cancel ${made.id}\``)
    const again = await workspace.run(['series', file, '--out', 'film'])
    t.equal(again.code, 0, again.err)
    t.match(again.out, `${made.id}  completed`)
    t.equal((await seriesOf(gateway)).length, 1)
    t.equal(gateway.simulator.control.renders().length, 3)
  },
)

t.test('a kill at the moment of the request, sent or not, never makes two series', async (t) => {
  const gateway = await startGateway(t, { live: true, patient: true, upstreams: [quick] })
  const door = await startDoor(t, gateway.address)
  for (const [index, mode] of (['held', 'unanswered'] as const).entries()) {
    const workspace = await workspaceAt(t, door.address)
    const file = await workspace.write(three)
    door.mode = mode
    const posts = door.posts
    const killed = workspace.start(['series', file, '--out', 'film'])
    await until(() => door.posts > posts)
    killed.child.kill('SIGKILL')
    t.equal((await killed.ended).signal, 'SIGKILL')
    const saved = JSON.parse(
      await readFile(join(workspace.folder, 'film', '.understudy-series.json'), 'utf8'),
    )
    t.match(saved, { series_id: null, idempotency_key: /^cli-/ })
    t.equal((await seriesOf(gateway)).length, mode === 'held' ? index : index + 1)
    door.mode = 'open'
    const again = await workspace.run(['series', file, '--out', 'film'])
    t.equal(again.code, 0, again.err)
    t.equal((await seriesOf(gateway)).length, index + 1, mode)
    await workspace.write(`${three}metadata: { take: "2" }\n`)
    const changed = await workspace.run(['series', file, '--out', 'film'])
    t.match(changed, {
      code: 2,
      err: /^scenes\.yaml has changed since film was used for ser_\w+\. Choose another folder with --out, or start another series with --new\.\nNothing was sent\./,
    })
    t.equal((await seriesOf(gateway)).length, index + 1)
  }
})

t.test('failed scenes are told with their reasons, and are sent again by --retry alone', async (t) => {
  const gateway = await startGateway(t, { live: true, patient: true, upstreams: [quick] })
  const workspace = await workspaceAt(t, gateway.address)
  const file = await workspace.write(
    'scenes: [a mill, something forbidden, a bridge]\nsettings: { duration: 10 }\n',
  )
  const plan = await workspace.run(['series', file, '--route'])
  t.match(plan, {
    code: 0,
    out: /^ +scene +upstreams +cost +worst case\n1 +1 +reseller +\$0\.12 +\$0\.12\n.*\n\nExpected cost \$0\.36, worst case \$0\.36, no limit\n$/s,
  })
  t.same(await seriesOf(gateway), [], 'a preview stores nothing')
  gateway.simulator.control.setFaults('reseller', [{ kind: 'fails_late', times: 1 }])
  const ended = await workspace.run(['series', file, '--out', 'film'])
  t.equal(ended.code, 5, ended.err)
  t.match(ended.out, /failed\n/)
  t.match(ended.err, 'To send failed scenes again, run `understudy series scenes.yaml --out film --retry`.')
  const [made] = await seriesOf(gateway)
  const failed = made.counts.failed
  t.equal(failed, 2, ended.out)
  const retried = await workspace.run(['series', file, '--out', 'film', '--retry'])
  t.equal(retried.code, 5, retried.err)
  t.match(
    (await seriesOf(gateway))[0].counts,
    { completed: 2, failed: 1 },
    'the refused scene is not sent again',
  )
  const nothing = await workspace.run(['series', file, '--out', 'film', '--retry'])
  t.match(nothing, { code: 2, err: /was refused for its content; give it another prompt/ })
  t.equal((await seriesOf(gateway)).length, 1)
  t.match((await workspace.run(['series', 'show', made.id])).out, `${made.id}  failed`)
  t.match((await workspace.run(['series', 'list'])).out, made.id)
})
