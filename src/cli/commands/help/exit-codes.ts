import { exitCodeMeanings, exitCodes } from "../../exit-codes.ts";
import type { Column } from "../../output/column.ts";

interface ExitCodeRow {
  readonly exitCode: number;
  readonly name: string;
  readonly meaning: string;
}

export const exitCodeRows: readonly ExitCodeRow[] = Object.entries(exitCodeMeanings).map(
  ([name, meaning]) => ({
    exitCode: exitCodes[name as keyof typeof exitCodes],
    name,
    meaning,
  }),
);

export const exitCodeColumns: readonly Column<ExitCodeRow>[] = [
  { key: "exitCode", header: "Exit code", align: "right", value: (row) => row.exitCode },
  { key: "name", header: "Name", value: (row) => row.name },
  { key: "meaning", header: "Meaning", value: (row) => row.meaning },
];
