import { visit } from 'yaml'
import type { Document, ErrorCode } from 'yaml'

/**
 * The library's own messages quote the text they stumble over, which may be a key, so each code gets words of ours.
 */
const WORDS: Record<ErrorCode, string> = {
  ALIAS_PROPS: 'an alias (`*name`) cannot have a tag or an anchor of its own',
  BAD_ALIAS: 'this is not an alias; put a value that starts with `*` in quotes',
  BAD_COLLECTION_TYPE: 'a tag does not fit its value',
  BAD_DIRECTIVE: 'this `%` directive is not supported',
  BAD_DQ_ESCAPE: 'this `\\` escape is not supported; inside double quotes write `\\\\`, or use single quotes',
  BAD_INDENT: 'the indentation does not match the lines above, or a `{` or `[` is not closed',
  BAD_PROP_ORDER: 'a tag or an anchor is in the wrong place',
  BAD_SCALAR_START: 'a value cannot start with this character; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a second `:` on this line; put a value that contains `: ` in quotes',
  BLOCK_IN_FLOW: 'indented keys or `-` items are not allowed inside `{ }` or `[ ]`',
  DUPLICATE_KEY: 'this key is set twice',
  IMPOSSIBLE: 'this is not valid YAML',
  KEY_OVER_1024_CHARS: 'this key is too long',
  MISSING_CHAR: 'a `,`, a `:` or a bracket is missing before this, or the indentation is wrong',
  MULTILINE_IMPLICIT_KEY: 'a key must be on one line; check for a missing `:` at its end',
  MULTIPLE_ANCHORS: 'a value can have one anchor only',
  MULTIPLE_DOCS: 'a second document starts here (`---`); the configuration must be one document',
  MULTIPLE_TAGS: 'a value can have one tag only',
  NON_STRING_KEY: 'a key should be plain text',
  RESOURCE_EXHAUSTION: 'the file is nested too deeply',
  TAB_AS_INDENT: 'tabs are not allowed for indentation; use spaces',
  TAG_RESOLVE_FAILED: 'this `!tag` is not supported; put a value that starts with `!` in quotes',
  UNEXPECTED_TOKEN: 'unexpected text; check for a missing quote, comma or line break before it',
}

/** The first error only, because later ones are mostly its consequences. `offset` is in characters of the text. */
export function firstSyntaxError(
  document: Document,
  text: string,
): { offset: number; message: string } | null {
  const [first] = [...document.errors, ...document.warnings].toSorted((a, b) => a.pos[0] - b.pos[0])
  if (first === undefined) return null
  const offset = first.pos[0]
  // A plain `${NAME}` inside `{ }` reads as the text `$` before an inner map.
  if (text.slice(offset - 1, offset + 1) === '${') {
    return { offset: offset - 1, message: 'inside { } or [ ] a variable must be quoted: "${NAME}"' }
  }
  const quote = first.code === 'MISSING_CHAR' ? openQuote(document, offset) : null
  return quote === null
    ? { offset, message: WORDS[first.code] }
    : { offset: quote, message: 'this quote is not closed' }
}

/** Where the quoted text starts that runs up to `end`, which is where the parser notices. */
function openQuote(document: Document, end: number): number | null {
  let start: number | null = null
  visit(document, {
    Scalar(_key, { type, range }) {
      const quoted = type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE'
      if (!quoted || range == null || range[0] >= end || range[1] < end) return undefined
      start = range[0]
      return visit.BREAK
    },
  })
  return start
}
