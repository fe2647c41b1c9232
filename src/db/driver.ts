import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { MpiError } from "../lib/errors.ts";
import { databaseErrorFacts } from "./errors.ts";

type Work = (transaction: postgres.TransactionSql) => unknown;
type Begin = (...input: readonly unknown[]) => Promise<unknown>;

const mapWork = (input: readonly unknown[], guard: (work: Work) => Work) =>
  input.map((item) => (typeof item === "function" ? guard(item as Work) : item));

/** Thrown inside a dry run to take everything back: nothing has failed. It never leaves withTransaction. */
export class RollBack extends Error {}

/** Not an error of a statement: the connection is lost, or about to be (admin shutdown, crash). */
const speaksOfConnection = (error: unknown) => {
  // What our own code refuses says nothing of the connection: waiting would cost each refusal a quarter of a second.
  if (error instanceof RollBack) return false;
  if (error instanceof MpiError) return error.code === "unavailable";
  const code = databaseErrorFacts(error)?.sqlState ?? "";
  return !/^[0-9A-Z]{5}$/.test(code) || /^(?:08|57P)/.test(code);
};

/** How long a lost connection may take to be noticed after the first statement has failed. */
const noticeMilliseconds = 250;

/**
 * A postgres.js client that ends for good as soon as one of its connections is lost, instead of connecting anew:
 * the statement under way and all later ones fail with a connection error. Left to itself, postgres.js 3.4.9 (both
 * tried; upstream issues 1208 and 1155)
 * - sends the remaining statements of a transaction on a new connection, outside of any transaction, where each of
 *   them is committed alone;
 * - throws where nobody can catch it when it writes to a lost socket, which the rollback of its own does.
 *
 * A cursor whose connection is lost between two batches still ends as if it had come to its last row: read
 * cursors inside a transaction, which then fails.
 */
export function openClient(options: postgres.Options<Record<string, never>>): postgres.Sql {
  let isLost = false;
  const client: postgres.Sql = postgres({
    ...options,
    // The driver would close connections after half an hour or so, or idle ones, which looks like losing them.
    max_lifetime: null,
    idle_timeout: 0,
    onclose: () => {
      isLost = true;
      void client.end({ timeout: 0 });
    },
  });

  /** Keeps a failure to itself where the connection is gone: the driver fails the transaction, without rollback. */
  const guard =
    (work: Work): Work =>
    async (transaction) => {
      const savepoint = transaction.savepoint.bind(transaction) as Begin;
      const guarded = Object.assign(transaction, {
        savepoint: (...input: readonly unknown[]) => savepoint(...mapWork(input, guard)),
      });
      try {
        return await work(guarded);
      } catch (error) {
        for (
          let waited = 0;
          !isLost && speaksOfConnection(error) && waited < noticeMilliseconds;
          waited += 10
        ) {
          await sleep(10);
        }
        if (!isLost) throw error;
        return new Promise(() => undefined);
      }
    };

  const begin = client.begin.bind(client) as Begin;
  return Object.assign(client, { begin: (...input: readonly unknown[]) => begin(...mapWork(input, guard)) });
}
