import * as z from 'zod'

/** The part of `schema` that describes what lies at `path`; null where it describes nothing there. */
export function schemaAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): z.core.$ZodType | null {
  const [next, ...rest] = path
  if (next === undefined) return schema
  const here = unwrap(schema)
  const inner = here instanceof z.ZodArray ? here.element : fieldsOf(here).get(String(next))
  return inner === undefined ? null : schemaAt(inner, rest)
}

/** The fields of an object of fixed keys; none for any other schema. */
export function fieldsOf(schema: z.core.$ZodType | null): Map<string, z.core.$ZodType> {
  const object = schema === null ? null : unwrap(schema)
  const fields = new Map<string, z.core.$ZodType>()
  if (!(object instanceof z.ZodObject)) return fields
  for (const [name, inner] of Object.entries<unknown>(object.shape)) {
    if (inner instanceof z.core.$ZodType) fields.set(name, inner)
  }
  return fields
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  return schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
    ? unwrap(schema.unwrap())
    : schema
}
