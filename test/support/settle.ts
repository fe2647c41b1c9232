import { setTimeout as sleep } from "node:timers/promises";
import type postgres from "postgres";

/**
 * Waits until every transaction of the server that was open at this moment is over. Transaction ids belong to the
 * whole server: another test's transaction, in another database, holds back what can be sealed here.
 */
export async function waitForOpenTransactions(sql: postgres.Sql): Promise<void> {
  const [mark] = await sql<{ xmax: string }[]>`select pg_snapshot_xmax(pg_current_snapshot())::text as xmax`;
  for (let round = 0; round < 2000; round += 1) {
    const [row] = await sql<{ over: boolean }[]>`
      select pg_snapshot_xmin(pg_current_snapshot()) >= ${mark!.xmax}::xid8 as over`;
    if (row!.over) return;
    await sleep(10);
  }
  throw new Error("somebody keeps a transaction open");
}
