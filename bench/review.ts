/**
 * How soon the next pair is there in `mpi review`: node --import tsx bench/review.ts --pairs 50
 *
 * Decides pairs of the database that DATABASE_URL names (a scratch one: the decisions stay) as a steward would who looks
 * for a while at each, and prints two times: from the decision's commit to the next pair, which was fetched
 * meanwhile (asked for: 50 ms), and from the key to the next pair, the decision itself included.
 */
import { parseArgs } from "node:util";
import { resolveExternalConnection } from "../src/cli/connection-settings.ts";
import { openDatabase } from "../src/db/client.ts";
import { ReviewSession } from "../src/domain/review/review-session.ts";
import { MpiError } from "../src/lib/errors.ts";

const { values } = parseArgs({
  options: { pairs: { type: "string", default: "50" }, look: { type: "string", default: "300" } },
});
const url = process.env["DATABASE_URL"];
const external = resolveExternalConnection(
  url === undefined ? undefined : { value: url, source: "DATABASE_URL" },
  process.env,
);
if (external === undefined) throw new Error("DATABASE_URL names no database");

const handle = await openDatabase(external.target);
const session = new ReviewSession(handle.db, {
  filter: {},
  order: "best",
  claimSeconds: 600,
  audit: (operation, reason) => ({
    user: "bench",
    operation,
    ...(reason === undefined ? {} : { reason }),
  }),
  now: () => new Date(),
});
const next: number[] = [];
const whole: number[] = [];
let view = await session.next();
while (view !== undefined && next.length < Number(values.pairs)) {
  session.prefetch();
  await new Promise((resolve) => setTimeout(resolve, Number(values.look)));
  const pressed = performance.now();
  try {
    await session.decide(view, next.length % 2 === 0 ? "same" : "different", null);
  } catch (error) {
    // A pair that an earlier decision forbids is passed over, as a steward would.
    if (!(error instanceof MpiError)) throw error;
    await session.skip(view);
    view = await session.next();
    continue;
  }
  const decided = performance.now();
  view = await session.next();
  next.push(performance.now() - decided);
  whole.push(performance.now() - pressed);
}
await session.close();
await handle.close();

const percentile = (times: readonly number[], part: number) =>
  ([...times].sort((one, other) => one - other)[Math.floor(part * times.length)] ?? NaN).toFixed(1);
console.log(`${String(next.length)} pairs decided, ${values.look} ms looked at each`);
console.log(
  `next pair after the decision: p50 ${percentile(next, 0.5)} ms, p95 ${percentile(next, 0.95)} ms (asked for: 50)`,
);
console.log(
  `next pair after the key:      p50 ${percentile(whole, 0.5)} ms, p95 ${percentile(whole, 0.95)} ms`,
);
