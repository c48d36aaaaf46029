import { Arg, Copy, DockerfileParser, From, Label, Env, ModifiableInstruction } from 'dockerfile-ast'
import type { Instruction } from 'dockerfile-ast'
import { textOf } from '../../docs/files.ts'

export type Step =
  | { does: 'arg'; name: string; value: string | null }
  | { does: 'env' | 'label'; values: Record<string, string> }
  | { does: 'copy'; from: string | null; sources: string[]; to: string }
  | { does: 'run'; command: string }
  | { does: 'workdir' | 'user' | 'volume' | 'expose'; value: string }
  | { does: 'healthcheck' | 'cmd'; words: string[]; options: Record<string, string> }

export interface Stage {
  name: string
  /** As written: an image or the name of a stage before, with `${NAME}`. */
  from: string
  steps: Step[]
}

export interface Dockerfile {
  /** Before the first stage: name and default. */
  args: Record<string, string>
  stages: Stage[]
}

const plain = new Set(['WORKDIR', 'USER', 'VOLUME', 'EXPOSE'])

function toStep(instruction: Instruction): Step {
  const keyword = instruction.getKeyword()
  const text = instruction.getArgumentsContent() ?? ''
  if (instruction instanceof Arg) {
    const property = instruction.getProperty()
    return { does: 'arg', name: property?.getName() ?? '', value: property?.getValue() ?? null }
  }
  if (instruction instanceof Env || instruction instanceof Label) {
    const values = instruction.getProperties().map((one) => [one.getName(), one.getValue() ?? ''] as const)
    return { does: instruction instanceof Env ? 'env' : 'label', values: Object.fromEntries(values) }
  }
  if (instruction instanceof Copy) {
    const words = instruction.getArguments().map((word) => word.getValue())
    return {
      does: 'copy',
      from: instruction.getFromFlag()?.getValue() ?? null,
      sources: words.slice(0, -1),
      to: words.at(-1) ?? '',
    }
  }
  if (keyword === 'RUN') return { does: 'run', command: text }
  if (plain.has(keyword))
    return {
      does:
        keyword === 'USER'
          ? 'user'
          : keyword === 'VOLUME'
            ? 'volume'
            : keyword === 'EXPOSE'
              ? 'expose'
              : 'workdir',
      value: text,
    }
  if (instruction instanceof ModifiableInstruction && (keyword === 'CMD' || keyword === 'HEALTHCHECK')) {
    const flags = instruction.getFlags().map((flag) => [flag.getName(), flag.getValue() ?? ''] as const)
    const words: unknown = JSON.parse(text.slice(text.indexOf('[')))
    return {
      does: keyword === 'CMD' ? 'cmd' : 'healthcheck',
      words: Array.isArray(words) ? words.map(String) : [],
      options: Object.fromEntries(flags),
    }
  }
  throw new Error(
    `The steps of the image have no ${keyword} so far: teach it to test/deploy/image, or write it otherwise.`,
  )
}

/** The instructions of the Dockerfile by stage. */
export function readDockerfile(text = textOf('Dockerfile')): Dockerfile {
  const args: Record<string, string> = {}
  const stages: Stage[] = []
  for (const instruction of DockerfileParser.parse(text).getInstructions()) {
    if (instruction instanceof From) {
      stages.push({
        name: instruction.getBuildStage() ?? `${stages.length}`,
        from: instruction.getImage() ?? '',
        steps: [],
      })
      continue
    }
    const step = toStep(instruction)
    const stage = stages.at(-1)
    if (stage !== undefined) stage.steps.push(step)
    else if (step.does === 'arg') args[step.name] = step.value ?? ''
  }
  return { args, stages }
}

/** All steps that make an image, from its base on. */
export function stepsOf({ stages }: Dockerfile, name: string): Step[] {
  const stage = stages.find((one) => one.name === name)
  if (stage === undefined) return []
  return [...stepsOf({ args: {}, stages }, stage.from), ...stage.steps]
}

export function expand(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => values[name] ?? '')
}

/** What the image sets for every process in it. */
export function environmentOf(dockerfile: Dockerfile, name: string): Record<string, string> {
  return Object.assign(
    {},
    ...stepsOf(dockerfile, name).map((step) => (step.does === 'env' ? step.values : {})),
  )
}
