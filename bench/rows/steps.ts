/** One run of a program in bench/. A program with several subjects runs once for each, so that one that fails takes no other with it. */
export interface Step {
  script: string
  args: readonly string[]
  /** In place of those, with `--quick`. */
  quick: readonly string[]
  /** The longest it may take. It is far beyond what is usual, since a machine may be busy. */
  minutes: number
}

export const stepNames = [
  'accept',
  'peers',
  'read',
  'video',
  'backlog',
  'lives',
  'callers',
  'reach',
  'flight',
  'readers',
  'polls',
  'start',
] as const
export type StepName = (typeof stepNames)[number]

const part = (name: string) => ['--only', name]

export const steps: Readonly<Record<StepName, Step>> = {
  polls: { script: 'polls.ts', args: [], quick: [], minutes: 1 },
  start: {
    script: 'crowd.ts',
    args: [...part('start'), '--starts', '7'],
    quick: [...part('start'), '--starts', '3'],
    minutes: 2,
  },
  accept: {
    script: 'accept.ts',
    args: [...part('accept'), '--rounds', '3', '--seconds', '2'],
    quick: [...part('accept'), '--rounds', '1', '--seconds', '1'],
    minutes: 6,
  },
  peers: {
    script: 'peers.ts',
    args: ['--rounds', '3', '--seconds', '4'],
    quick: ['--rounds', '1', '--seconds', '2'],
    minutes: 6,
  },
  read: {
    script: 'serving.ts',
    args: [...part('read'), '--rounds', '5', '--seconds', '2'],
    quick: [...part('read'), '--rounds', '2', '--seconds', '1'],
    minutes: 3,
  },
  video: {
    script: 'serving.ts',
    args: [...part('video'), '--rounds', '5', '--seconds', '2'],
    quick: [...part('video'), '--rounds', '2', '--seconds', '1'],
    minutes: 3,
  },
  backlog: {
    script: 'sending.ts',
    args: [...part('backlog'), '--rounds', '3'],
    quick: [...part('backlog'), '--rounds', '1', '--creates', '3000'],
    minutes: 4,
  },
  lives: {
    script: 'sending.ts',
    args: [...part('lives'), '--rounds', '3', '--seconds', '5'],
    quick: [...part('lives'), '--rounds', '1', '--seconds', '3'],
    minutes: 3,
  },
  callers: {
    script: 'sending.ts',
    args: [...part('callers'), '--rounds', '3', '--seconds', '4'],
    quick: [...part('callers'), '--rounds', '1', '--seconds', '2'],
    minutes: 3,
  },
  reach: {
    script: 'sending.ts',
    args: [...part('reach'), '--rounds', '3', '--requests', '300'],
    quick: [...part('reach'), '--rounds', '1', '--requests', '200'],
    minutes: 3,
  },
  flight: {
    script: 'crowd.ts',
    args: [...part('flight'), ...part('kill'), '--seconds', '15', '--kills', '3'],
    quick: [...part('flight'), ...part('kill'), '--seconds', '5', '--kills', '1'],
    minutes: 8,
  },
  readers: {
    script: 'crowd.ts',
    args: [...part('readers'), '--events', '5'],
    quick: [...part('readers'), '--events', '2'],
    minutes: 8,
  },
}
