import { MpiError } from "../../lib/errors.ts";
import type { Session } from "./session.ts";

/** What the server says about itself, as far as migrations depend on it. */
interface ServerFacts {
  readonly version: number;
  readonly version_name: string;
  readonly encoding: string;
  readonly in_recovery: boolean;
  readonly misplaced_extension: string | null;
  readonly misplaced_schema: string | null;
}

const oldestVersion = 150_000;

/**
 * Refuses a database the schema cannot live in, before anything is touched.
 *
 * @throws {MpiError} `unavailable`, naming what is wrong and what to do.
 */
export async function checkServer(session: Session): Promise<void> {
  const [facts] = await session.unsafe<ServerFacts[]>(`
    select current_setting('server_version_num')::int as version,
      current_setting('server_version') as version_name,
      pg_encoding_to_char(d.encoding) as encoding,
      pg_is_in_recovery() as in_recovery,
      e.extname as misplaced_extension, e.nspname as misplaced_schema
    from pg_database d
    left join lateral (
      select extname, nspname from pg_extension join pg_namespace n on n.oid = extnamespace
      where extname in ('pgcrypto', 'pg_trgm', 'fuzzystrmatch') and nspname <> 'public'
      order by extname limit 1) e on true
    where d.datname = current_database()`);
  const { version, version_name, encoding, in_recovery, misplaced_extension, misplaced_schema } = facts!;
  if (version < oldestVersion) {
    throw new MpiError(
      "unavailable",
      `The server is PostgreSQL ${version_name}; 15 is the oldest that works.`,
      {
        hint: "Upgrade the server, or use another.",
      },
    );
  }
  if (encoding !== "UTF8") {
    throw new MpiError("unavailable", `The database is encoded in ${encoding}; names of people need UTF8.`, {
      hint: "Create one with: create database … encoding 'UTF8' template template0.",
    });
  }
  if (in_recovery) {
    throw new MpiError("unavailable", "The server is a standby: it takes no changes.", {
      hint: "Connect to the primary.",
    });
  }
  if (misplaced_extension !== null) {
    throw new MpiError(
      "unavailable",
      `The extension ${misplaced_extension} lives in schema ${misplaced_schema ?? ""}; it must be in public.`,
      { hint: `As its owner: alter extension ${misplaced_extension} set schema public.` },
    );
  }
}
