import { createHash } from 'node:crypto'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { official, reverse, startGateway } from '../e2e/gateway.ts'
import type { Gateway } from '../e2e/gateway.ts'
import { deskAt, until } from './series-stage.ts'

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
    const desk = await deskAt(t, gateway.address)
    const file = await desk.write(three)
    const first = await desk.run(['series', file, '--out', 'film'])
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
    const videos = (await readdir(join(desk.folder, 'film')))
      .filter((name) => name.endsWith('.mp4'))
      .toSorted()
    t.same(videos, ['001-a-mill.mp4', '002-tram.mp4', '003-a-bridge-at-night.mp4'])
    for (const [index, name] of videos.entries()) {
      const bytes = await readFile(join(desk.folder, 'film', name))
      t.equal(createHash('sha256').update(bytes).digest('hex'), scenes[index].video.sha256, name)
    }
    const listed = JSON.parse(await readFile(join(desk.folder, 'film', 'manifest.json'), 'utf8'))
    t.same(
      listed.scenes.map(({ file_name: name }: any) => name),
      videos,
    )
    const state = join(desk.folder, 'film', '.understudy-series.json')
    t.equal((await stat(state)).mode & 0o777, 0o600)

    const [kept = '', broken = ''] = videos
    await writeFile(join(desk.folder, 'film', broken), 'half')
    const before = await stat(join(desk.folder, 'film', kept))
    const again = await desk.run(['series', file, '--out', 'film', '--json'])
    t.equal(again.code, 0, again.err)
    t.match(JSON.parse(again.out), {
      id: made.id,
      status: 'completed',
      scenes: [{ file: `film/${kept}` }, {}, {}],
    })
    t.equal(
      (await stat(join(desk.folder, 'film', kept))).mtimeMs,
      before.mtimeMs,
      'one that is there is kept',
    )
    t.ok((await stat(join(desk.folder, 'film', broken))).size > 4, 'one that is not whole is fetched')
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
    const desk = await deskAt(t, gateway.address)
    const file = await desk.write(three)
    const running = desk.start(['series', file, '--out', 'film'])
    await until(() => running.err().includes('in_progress'))
    running.child.kill('SIGINT')
    const ended = await running.ended
    const [made] = await seriesOf(gateway)
    t.equal(ended.code, 130)
    t.match(ended.err, 'Interrupted. To continue, run `understudy series scenes.yaml --out film`')
    t.match(ended.err, `run \`understudy series cancel ${made.id}\``)
    const again = await desk.run(['series', file, '--out', 'film'])
    t.equal(again.code, 0, again.err)
    t.match(again.out, `${made.id}  completed`)
    t.equal((await seriesOf(gateway)).length, 1)
    t.equal(gateway.simulator.control.renders().length, 3)
  },
)
