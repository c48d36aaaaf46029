/**
 * Types of columns. Text sorts by its bytes, as on SQLite: ids are compared and walked in the order of their text, whatever the
 * collation of the database.
 */
export const text = 'text collate "C"'
/** Instants, money and counts. */
export const number = 'bigint'
