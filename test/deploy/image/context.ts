import dockerignore from '@balena/dockerignore'
import { execFileSync } from 'node:child_process'
import { root, textOf } from '../../docs/files.ts'

/** Which of these paths an engine is sent as the context of the build. */
export function sentOf(paths: readonly string[]): string[] {
  return dockerignore
    .default({ ignorecase: false })
    .add(textOf('.dockerignore'))
    .filter([...paths])
}

/** The files of the checkout that an engine is sent; files that are new and not in Git yet as well. */
export function contextFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64_000_000,
  })
  return sentOf(listed.split('\0').filter((path) => path !== ''))
}
