import { once } from "node:events";
import type { Writable } from "node:stream";
import type postgres from "postgres";
import type { Transaction } from "./client.ts";

/** What the driver calls when the server says that a statement has failed. */
interface Rejectable {
  reject: (error: unknown) => void;
}

/**
 * Runs `copy … from stdin` over the chunks, in a transaction: a failure leaves it aborted, as that of any statement.
 *
 * The stream of postgres.js 3.4.9 never ends where the server fails after the last chunk, and a statement that has
 * begun to stream cannot be refused any more; so what the driver would tell the statement is listened to here.
 *
 * @throws what the server says, or what the chunks throw.
 */
export async function copyInto(
  tx: Transaction,
  statement: string,
  chunks: Iterable<Buffer> | AsyncIterable<Buffer>,
): Promise<void> {
  const { client } = (tx as unknown as { readonly session: { readonly client: postgres.TransactionSql } })
    .session;
  const query = client.unsafe(statement);
  const stream = await query.writable();
  let isSettled = false as boolean;
  const settled = new Promise<void>((resolve, reject) => {
    (query as unknown as Rejectable).reject = reject;
    stream.on("error", reject);
    stream.on("finish", resolve);
  }).finally(() => (isSettled = true));
  // That it fails is told when it is waited for.
  settled.catch(() => undefined);
  try {
    for await (const chunk of chunks) {
      if (isSettled) break;
      await write(stream, chunk, settled);
    }
  } catch (error) {
    // The driver tells the server why, and the server its log: what was thrown is for us alone.
    if (!isSettled) stream.destroy(new Error("the rows could not be made"));
    await settled.catch(() => undefined);
    throw error;
  }
  if (!isSettled) stream.end();
  await settled;
}

/** Gives the socket time to take it: chunks that wait are memory. */
async function write(stream: Writable, chunk: Buffer, settled: Promise<void>): Promise<void> {
  if (!stream.write(chunk)) await Promise.race([once(stream, "drain").catch(() => undefined), settled]);
}
