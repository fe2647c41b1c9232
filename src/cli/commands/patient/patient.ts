import type { Act, RegisterNoun } from "../../command.ts";
import type { Command } from "commander";

type RegisterVerb = (patient: Command, act: Act) => void;

// In the order of the help. Each loads its own modules alone: starting `mpi patient find` must stay cheap.
const verbs: Readonly<Record<string, () => Promise<RegisterVerb>>> = {
  find: async () => (await import("./find.ts")).registerFind,
  show: async () => (await import("./show.ts")).registerShow,
  add: async () => (await import("./add.ts")).registerAdd,
  edit: async () => (await import("./edit.ts")).registerEdit,
  delete: async () => (await import("./delete.ts")).registerDelete,
  restore: async () => (await import("./restore.ts")).registerRestore,
  link: async () => (await import("./link.ts")).registerLink,
  unlink: async () => (await import("./unlink.ts")).registerUnlink,
  merge: async () => (await import("./merge.ts")).registerMerge,
  unmerge: async () => (await import("./unmerge.ts")).registerUnmerge,
};

/** Registers the verbs of `mpi patient`: the one that was typed, or all of them for help and for what is none. */
export const registerPatient: RegisterNoun = async (patient, act, verb) => {
  const isKnown = verb !== undefined && Object.hasOwn(verbs, verb);
  for (const name of isKnown ? [verb] : Object.keys(verbs)) (await verbs[name]!())(patient, act);
};
