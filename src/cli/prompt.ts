import { MpiError } from "../lib/errors.ts";
import { safeText } from "./output/safe-text.ts";
import type { Streams } from "./streams.ts";

/** One answer of several. */
export interface Choice<T> {
  readonly name: string;
  readonly value: T;
  readonly description?: string;
}

/** What every question tells: whatever a prompt can ask, a flag can answer. */
export interface Answerable {
  /** The flag that answers instead, as the user would type it: `--reason <text>`. */
  readonly flag: string;
}

/** Asks people, on stderr, and only where both ends are a terminal. */
export interface Prompt {
  /** False in a pipe or a cron job; then every question is a usage error that names its flag. */
  readonly isAvailable: boolean;
  confirm(question: string, options: Answerable & { readonly default?: boolean }): Promise<boolean>;
  select<T>(
    question: string,
    choices: readonly Choice<T>[],
    options: Answerable & { readonly default?: T },
  ): Promise<T>;
  input(
    question: string,
    options: Answerable & {
      readonly default?: string;
      /** True, or a sentence that says what is wrong. */
      readonly validate?: (answer: string) => true | string;
    },
  ): Promise<string>;
}

/** @param signal stops a question that waits, with `cancelled`. */
export function createPrompt(streams: Streams, signal: AbortSignal): Prompt {
  const isAvailable = streams.stdin.isTTY === true && streams.stderr.isTTY === true;

  // inquirer takes 80 ms to load and would paint on stdout unless told otherwise.
  const ask = async <T>(flag: string, question: Record<string, unknown>): Promise<T> => {
    if (!isAvailable) {
      throw new MpiError("usage", `${flag} is needed where there is no terminal to ask on.`);
    }
    const { createPromptModule } = (await import("inquirer")).default;
    const prompt = createPromptModule({ input: streams.stdin, output: streams.stderr, signal });
    try {
      // The question's shape is inquirer's own; the answer has the type that its kind gives.
      const answers = (await prompt([{ ...question, name: "answer" }] as never)) as { readonly answer: T };
      return answers.answer;
    } catch (error) {
      if (error instanceof Error && /^(?:Exit|Abort)PromptError$/.test(error.name)) throw cancelled();
      throw error;
    }
  };

  return {
    isAvailable,
    confirm: (question, options) =>
      ask<boolean>(options.flag, {
        type: "confirm",
        message: safeText(question),
        default: options.default ?? false,
      }),
    select: (question, choices, options) =>
      ask(options.flag, {
        type: "select",
        message: safeText(question),
        choices: choices.map((choice) => ({ ...choice, name: safeText(choice.name) })),
        ...(options.default === undefined ? {} : { default: options.default }),
      }),
    input: async (question, options) =>
      await ask<string>(options.flag, {
        type: "input",
        message: safeText(question),
        ...(options.default === undefined ? {} : { default: options.default }),
        ...(options.validate === undefined ? {} : { validate: options.validate }),
      }),
  };
}

/** What a declined question ends with: exit 130, nothing changed. */
export function cancelled(): MpiError {
  return new MpiError("cancelled", "Stopped; nothing was changed.");
}

/**
 * Goes on only with a yes: `--yes`, or an answer on a terminal. With `typed`, the answer is that very text,
 * for what is hardest to undo.
 *
 * @throws {MpiError} `cancelled` when declined, `usage` where nobody can be asked.
 */
export async function requireYes(
  prompt: Prompt,
  given: boolean | undefined,
  question: string,
  options: { readonly typed?: string } = {},
): Promise<void> {
  if (given === true) return;
  if (options.typed === undefined) {
    if (!(await prompt.confirm(question, { flag: "--yes" }))) throw cancelled();
    return;
  }
  const answer = await prompt.input(`${question} Type ${options.typed} to go on:`, { flag: "--yes" });
  if (answer.trim() !== options.typed) throw cancelled();
}

/**
 * The reason for an act that needs one: `--reason`, or asked for on a terminal.
 * @throws {MpiError} `usage` when it is missing or blank, or longer than 500 characters.
 */
export async function requireReason(prompt: Prompt, given: string | undefined): Promise<string> {
  const checked = (reason: string): true | string => {
    if (reason.trim() === "") return "A reason is needed.";
    return reason.length <= 500 ? true : "A reason has at most 500 characters.";
  };
  const reason = given ?? (await prompt.input("Reason:", { flag: "--reason <text>", validate: checked }));
  const verdict = checked(reason);
  if (verdict !== true) throw new MpiError("usage", verdict, { hint: "Give it with --reason <text>." });
  return reason.trim();
}
