import { Option } from 'commander'
import type { Command } from 'commander'
import {
  cancelGenerations,
  deleteGenerations,
  downloadVideo,
  listGenerations,
} from './commands/generations.ts'
import type { ListOptions } from './commands/generations.ts'
import { listUpstreams, pauseSubmissions, resetBreaker, resumeSubmissions } from './commands/operate.ts'
import type { PauseOptions } from './commands/operate.ts'
import { listNodes } from './commands/nodes.ts'
import { probeUpstream } from './commands/probe.ts'
import { showStatistics } from './commands/statistics.ts'
import type { StatisticsOptions } from './commands/statistics.ts'
import { showEstimate } from './commands/estimate.ts'
import type { EstimateOptions } from './commands/estimate.ts'
import { compare } from './compare/compare.ts'
import type { CompareOptions } from './compare/compare.ts'
import { cancelByFilter, refuseBoth } from './outcomes/cancel.ts'
import type { CancelOptions } from './outcomes/cancel.ts'
import { resolve } from './outcomes/resolve.ts'
import type { ResolveOptions } from './outcomes/resolve.ts'
import { resubmit } from './outcomes/resubmit.ts'
import type { ResubmitOptions } from './outcomes/resubmit.ts'
import type { Terminal } from './output/terminal.ts'
import type { Run } from './run.ts'
import { number } from './values.ts'

const upstreamArgument = 'ID of the upstream; default: all of them'

/** Commands of operators. */
export function addOperations(program: Command, terminal: Terminal, run: Run): void {
  program
    .command('upstreams')
    .description('list upstreams and what keeps them from taking work')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }) => run((api) => listUpstreams(api, terminal, options)))
  program
    .command('nodes')
    .description('list the processes that share the database')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }) => run((api) => listNodes(api, terminal, options)))
  program
    .command('pause')
    .description('pause submissions; running jobs are finished')
    .argument('[upstream]', upstreamArgument)
    .requiredOption('-r, --reason <text>', 'shown to callers whose work waits')
    .option('--until <time>', 'when it ends by itself, such as 2026-12-01T08:00:00Z')
    .option('--json', 'print JSON')
    .action((upstream: string | undefined, options: PauseOptions) =>
      run((api) => pauseSubmissions(api, terminal, upstream, options)),
    )
  program
    .command('resume')
    .description('resume submissions')
    .argument('[upstream]', upstreamArgument)
    .action((upstream: string | undefined) => run((api) => resumeSubmissions(api, terminal, upstream)))
  program
    .command('reset-breaker')
    .description('close a breaker of an upstream, so that its next call goes out')
    .argument('<upstream>', 'ID of the upstream')
    .argument('[operation]', 'create, poll, fetch or character', 'create')
    .action((upstream: string, operation: string) =>
      run((api) => resetBreaker(api, terminal, upstream, operation)),
    )
  program
    .command('probe')
    .description('ask an upstream what costs nothing: its jobs, its models, its balance')
    .argument('<upstream>', 'ID of the upstream')
    .option('--json', 'print JSON')
    .action((upstream: string, options: { json?: boolean }) =>
      run((api) => probeUpstream(api, terminal, upstream, options)),
    )
}

/** What upstreams cost and do, before and after. */
export function addFigures(program: Command, terminal: Terminal, run: Run): void {
  program
    .command('statistics')
    .description('show what happened at an upstream, per hour or day')
    .argument('<upstream>', 'ID of the upstream')
    .addOption(new Option('--step <step>', 'length of a step').choices(['hour', 'day']).default('hour'))
    .option(
      '--from <time>',
      'a day or a time, such as 2026-12-01T08:00:00Z; default: 24 hours or 30 days ago',
    )
    .option('--to <time>', 'end, exclusive; default: now')
    .option('--json', 'print JSON')
    .action((upstream: string, options: StatisticsOptions) =>
      run((api) => showStatistics(api, terminal, upstream, options)),
    )
  program
    .command('estimate')
    .description('show what a workload, or past work, costs under each policy; nothing is sent')
    .argument('[count]', 'videos per month; without it, those delivered from --from to --to', number)
    .option('-m, --model <model>', 'model; default: set by the gateway')
    .option('-d, --duration <seconds>', 'length of a video', number)
    .option('-s, --size <size>', 'WIDTHxHEIGHT, landscape or portrait')
    .option('-c, --characters <count>', 'characters per video', number)
    .option('--from <time>', 'past work from this time on; default: this month')
    .option('--to <time>', 'past work before this time')
    .option('--tenant <name>', 'past work of this tenant; default: all that the key may see')
    .option('--json', 'print JSON')
    .action((count: number | undefined, options: EstimateOptions) =>
      run((api) => showEstimate(api, terminal, count, options)),
    )
  program
    .command('compare')
    .description('render the same scenes with a character on several upstreams, for money, and measure them')
    .argument('<character>', 'name or ID of the character')
    .argument('<scenes...>', 'prompts; each must mention the character as @name')
    .requiredOption('-u, --upstream <id...>', 'upstreams to compare')
    .option('-r, --runs <count>', 'how often each scene is rendered per upstream', number, 1)
    .option('-m, --model <model>', 'model; default: set by the gateway')
    .option('-d, --duration <seconds>', 'length of a video', number, 5)
    .option('-s, --size <size>', 'WIDTHxHEIGHT, landscape or portrait')
    .option('--max-cost <usd>', 'send nothing if the worst case is more', number)
    .option('-o, --sheet <file>', 'contact sheet, .html or .png; default: <id>.html')
    .option('-y, --yes', 'do not ask')
    .option('--timeout <seconds>', 'maximum time to wait', number, 3600)
    .option('--json', 'print JSON')
    .action((character: string, scenes: string[], options: CompareOptions) =>
      run((api) => compare(api, terminal, character, scenes, options)),
    )
}

/** What is done to generations that exist. */
export function addGenerations(program: Command, terminal: Terminal, run: Run): void {
  program
    .command('list')
    .description('list generations, of every tenant that the key may see')
    .option('-s, --status <status>', 'queued, in_progress, completed, failed or cancelled')
    .option('-a, --attention', 'only those that need a person')
    .option('--tenant <name>', 'of this tenant')
    .option('--key <name>', 'created with this key')
    .option('--attempt-state <state>', 'with an attempt in this state, such as unknown')
    .option('-u, --upstream <id>', 'with an attempt at this upstream')
    .option('--model <id>', 'asked for with this model')
    .option('--character <name>', 'with this character')
    .option('--error <code>', 'with this error, or an attempt that failed like this')
    .option('--from <time>', 'created at this time or later')
    .option('--to <time>', 'created before this time')
    .option('--older-than <seconds>', 'created longer ago')
    .option('--metadata <name=value...>', 'with these entries in their metadata')
    .option('-q, --words <words>', 'with these words in their prompts')
    .option('--oldest', 'oldest first instead of newest first')
    .option('-n, --limit <count>', 'how many, at most 100', number, 20)
    .option('--json', 'print JSON')
    .action((options: ListOptions) => run((api) => listGenerations(api, terminal, options)))
  program
    .command('cancel')
    .description('cancel generations, one by one or all that match a filter')
    .argument('[ids...]', 'IDs of the generations')
    .option('-f, --filter <name=value...>', 'such as status=queued tenant=studio metadata.shot=12b')
    .option('--dry-run', 'with --filter: only show what would be cancelled')
    .option('-y, --yes', 'with --filter: do not ask')
    .option('--json', 'with --filter: print JSON')
    .action((ids: string[], options: CancelOptions) =>
      run((api) => {
        refuseBoth(ids, options.filter)
        return options.filter === undefined
          ? cancelGenerations(api, terminal, ids)
          : cancelByFilter(api, terminal, options)
      }),
    )
  program
    .command('delete')
    .description('delete generations and their videos')
    .argument('<ids...>', 'IDs of the generations')
    .action((ids: string[]) => run((api) => deleteGenerations(api, terminal, ids)))
  program
    .command('download')
    .description('save the video of a generation')
    .argument('<id>', 'ID of the generation')
    .option('-o, --output <file>', 'file to write; default: <id>.mp4')
    .action((id: string, options: { output?: string }) =>
      run((api) => downloadVideo(api, terminal, id, options)),
    )
}

/** What is done about attempts whose outcome nobody knows. */
export function addOutcomes(program: Command, terminal: Terminal, run: Run): void {
  program
    .command('resolve')
    .description('list attempts that need a word of a person, ask their upstream, or say what became of one')
    .argument('[attempt]', 'ID of the attempt; default: list them')
    .option('--look', 'ask the upstream now')
    .option('--taken <upstream-id>', 'the upstream has the job, under this ID')
    .option('--not-taken', 'the upstream did not accept the job')
    .option('--charged', 'it charged the price, although there is no video')
    .option('--cost <usd>', 'what it charged, although there is no video', number)
    .option('--not-charged', 'it ended without a video, and the bill does not have it')
    .option('-n, --note <text>', 'how you know; the tenant and the audit log see it')
    .option('--json', 'print JSON')
    .action((attempt: string | undefined, options: ResolveOptions) =>
      run((api) => resolve(api, terminal, attempt, options)),
    )
  program
    .command('resubmit')
    .description('ask another upstream although the first job may still be charged')
    .argument('<id>', 'ID of the generation')
    .option('--accept-two-bills', 'without this, only what it may cost is shown')
    .option('--attempt <id>', 'the unknown attempt, to send it again a second time')
    .option('--json', 'print JSON')
    .action((id: string, options: ResubmitOptions) => run((api) => resubmit(api, terminal, id, options)))
}
