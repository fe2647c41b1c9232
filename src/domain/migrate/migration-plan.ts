import type { ConnectionTarget } from "../../db/client.ts";
import { planMigrateUp, type PlannedStatement } from "../../db/migrate/plan.ts";

export type { PlannedStatement };

/** Every statement that migrating would run, with what it costs those who work meanwhile. Changes nothing. */
export const planMigrations = (target: ConnectionTarget): Promise<readonly PlannedStatement[]> =>
  planMigrateUp(target);

/** The plan as SQL to be read and reviewed: before each statement a comment says lock, tables and rewriting. */
export function formatPlan(plan: readonly PlannedStatement[]): string {
  return plan
    .map((step, position) => {
      const isFirst = plan[position - 1]?.migration !== step.migration;
      const heading = isFirst ? `-- Migration ${step.migration}\n\n` : "";
      return `${heading}-- ${String(step.number)}: ${describeCost(step)}\n${step.sql.replace(/;?$/, ";")}\n`;
    })
    .join("\n");
}

function describeCost(step: PlannedStatement): string {
  const disturbed = step.tables.filter(({ isNew }) => !isNew);
  if (disturbed.length === 0) return "disturbs nobody";
  const tables = disturbed.map(
    ({ name, bytes, rows }) => `${name} (about ${String(rows)} rows, ${formatBytes(bytes)})`,
  );
  const work = step.rewrites ? "rewrites it" : step.scans ? "reads all of it" : "touches no row";
  return `${step.lock} on ${tables.join(" and ")}, ${work}`;
}

const units = ["bytes", "kB", "MB", "GB", "TB"];

/** `12 MB`: as PostgreSQL writes sizes. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${String(Math.round(bytes / 1024 ** power))} ${units[power]!}`;
}
