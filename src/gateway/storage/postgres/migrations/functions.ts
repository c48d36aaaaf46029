/**
 * Functions that SQLite has, by the same names, so that the statements of the stores are the same for both engines.
 *
 * `json_extract` takes paths such as `$.request.model`. PostgreSQL rejects a whole document for an escaped NUL or half of a
 * surrogate pair anywhere in it, which an answer of a vendor can bring; they are replaced then.
 */
export const functions = [
  `create function json_extract(doc text, path text) returns text
    language plpgsql immutable strict parallel safe as $$
    begin
      return doc::json #>> string_to_array(substr(path, 3), '.');
    exception when data_exception then
      return regexp_replace(doc, '(?<!\\\\)((?:\\\\\\\\)*)\\\\u(?:0000|d[89a-f][0-9a-f]{2})', '\\1\\ufffd', 'g')::json
        #>> string_to_array(substr(path, 3), '.');
    end $$`,
  `create function json_each(list text) returns table (value text)
    language sql immutable strict parallel safe as $$ select json_array_elements_text(list::json) $$`,
  `create function month_start(at bigint) returns bigint language sql immutable strict parallel safe as $$
    select (extract(epoch from date_trunc('month', to_timestamp(at / 1000) at time zone 'UTC')) * 1000)::bigint $$`,
]
