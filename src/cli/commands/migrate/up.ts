import type { Command } from "commander";
import { migrateDatabase } from "../../../domain/migrate/migrate-database.ts";
import { defineCommand, integer, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import type { Column } from "../../output/column.ts";
import { findMigrationTarget } from "./migration-target.ts";

interface UpFlags {
  readonly createDatabase?: true;
  readonly dryRun?: true;
  readonly wait: number;
  readonly lockTimeout: number;
  readonly lockRetries: number;
}

interface UpRow {
  readonly migration: string;
  readonly state: "applied" | "would be applied";
  readonly duration: number | null;
}

const columns: readonly Column<UpRow>[] = [
  { key: "migration", header: "Migration", value: (row) => row.migration },
  { key: "state", header: "State", value: (row) => row.state },
  { key: "duration", header: "Milliseconds", align: "right", value: (row) => row.duration },
];

/** Registers `mpi migrate up`, which is `mpi migrate`. */
export function registerUp(migrate: Command, act: Act): void {
  defineCommand(
    migrate,
    "up",
    {
      summary: "bring the database up to this program's schema",
      description:
        "Applies what is pending, each migration in a transaction of its own: a failing one leaves nothing behind, and " +
        "those before it stay. Two at once are safe. A table lock that somebody else holds is waited for in short " +
        "turns, so that nobody queues behind.",
      examples: [
        { command: "mpi migrate", does: "the same, in short" },
        { command: "mpi migrate --create-database", does: "on a server that has no such database yet" },
        { command: "mpi migrate --dry-run", does: "what would be applied; mpi migrate plan shows the SQL" },
      ],
    },
    { isDefault: true },
  )
    .option("--create-database", "create the database where the server has none of that name")
    .option("--dry-run", "say what would be applied, and change nothing")
    .option("--wait <seconds>", "how long to wait for another migration", integer({ min: 0 }), 60)
    .option("--lock-timeout <ms>", "how long one statement waits for a table", integer({ min: 1 }), 3000)
    .option("--lock-retries <n>", "how often a migration is tried again after that", integer({ min: 0 }), 10)
    .action(act<UpFlags>(up));
}

async function up(context: CommandContext, flags: UpFlags): Promise<void> {
  const target = await findMigrationTarget(context);
  const result = await migrateDatabase(target, {
    user: context.actor().user,
    signal: context.signal,
    dryRun: flags.dryRun === true,
    waitSeconds: flags.wait,
    lockTimeout: flags.lockTimeout,
    lockRetries: flags.lockRetries,
    onDatabaseCreated: () => context.info(`Created the database ${target.database}.`),
    onMigration: (tag) => context.info(`Applying ${tag} …`),
    mayCreateDatabase: async () =>
      flags.createDatabase === true ||
      (context.prompt.isAvailable &&
        (await context.prompt.confirm(`There is no database ${target.database}. Create it?`, {
          flag: "--create-database",
        }))),
  });
  if (result.createdDatabase && flags.dryRun === true) {
    context.info(`The database ${target.database} would be created.`);
  }
  const rows: UpRow[] = [
    ...result.applied.map((migration) => ({
      migration: migration.tag,
      state: "applied" as const,
      duration: migration.duration,
    })),
    ...result.pending.map((tag) => ({
      migration: tag,
      state: "would be applied" as const,
      duration: null,
    })),
  ];
  await context.output.list({
    columns,
    rows,
    meta: () => ({ alreadyApplied: result.alreadyApplied, createdDatabase: result.createdDatabase }),
    empty: `Nothing to do: all ${String(result.alreadyApplied)} migrations are applied.`,
  });
}
