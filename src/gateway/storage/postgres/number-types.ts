import { types, type CustomTypesConfig } from 'pg'

const { INT8, NUMERIC } = types.builtins

type Parsers = { getTypeParser: (oid: number, format?: 'text' | 'binary') => (value: string) => unknown }
const usual: Parsers = types

/** The driver gives both as text. Sums of `bigint` are `numeric`. */
export const numberTypes: CustomTypesConfig = {
  getTypeParser(oid, format) {
    if (oid === INT8 || oid === NUMERIC) return asNumber
    return usual.getTypeParser(oid, format)
  },
}

/** @throws RangeError for a whole number that JavaScript cannot hold. */
function asNumber(text: string): number {
  const value = Number(text)
  if (!text.includes('.') && !Number.isSafeInteger(value))
    throw new RangeError(`${text} is too large: whole numbers are read up to 2^53`)
  return value
}
