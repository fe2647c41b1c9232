import { settings, type Setting } from "../../settings.ts";
import type { Column } from "../../output/column.ts";

export const settingRows: readonly Setting[] = settings;

export const settingColumns: readonly Column<Setting>[] = [
  { key: "key", header: "In the file", value: (row) => row.key },
  { key: "environment", header: "Environment", value: (row) => row.environment },
  { key: "flag", header: "Flag", value: (row) => row.flag },
  { key: "description", header: "Meaning", value: (row) => row.description },
  { key: "default", header: "Default", value: (row) => row.fallback },
];
