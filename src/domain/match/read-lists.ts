import { CopiedTexts, type CopiedRow } from "../../db/binary-copy.ts";
import type { CopyConnection } from "../../db/copy.ts";
import {
  addressColumns,
  contactColumns,
  copyAddresses,
  copyContacts,
  copyIdentifiers,
  copyNames,
  identifierColumns,
  nameColumns,
  type WantedRecords,
} from "../../db/queries/match-tables.ts";
import type { ListBuilder, ListKind, StoreLists } from "../../matching/store/list-builder.ts";
import { RawTexts } from "../../matching/store/raw-texts.ts";
import { isCurrent } from "./to-match-record.ts";

/** Those that take longest first: several threads that share them out are done at about the same time. */
export const listKinds: readonly ListKind[] = ["names", "addresses", "identifiers", "contacts"];

const uses = new RawTexts((use) => (isCurrent(use) ? 1 : 0));

/** @param use column of the use; a value without one is current. */
const isCurrentRow = (row: CopiedRow, use: number): boolean => uses.readColumn(row, use) !== 0;

type ListReader<Lists> = (
  connection: CopyConnection,
  wanted: WantedRecords,
  builder: ListBuilder,
) => Promise<Lists>;

const readers: { readonly [Kind in ListKind]: ListReader<StoreLists[Kind]> } = {
  async names(connection, wanted, builder) {
    const given = new CopiedTexts();
    const suffix = new CopiedTexts();
    await copyNames(connection, wanted, (row) =>
      builder.addName(
        row,
        nameColumns,
        given.read(row, nameColumns.given),
        suffix.read(row, nameColumns.suffix),
        isCurrentRow(row, nameColumns.use),
      ),
    );
    return builder.finishNames();
  },
  async addresses(connection, wanted, builder) {
    await copyAddresses(connection, wanted, (row) =>
      builder.addAddress(row, addressColumns, isCurrentRow(row, addressColumns.use)),
    );
    return builder.finishAddresses();
  },
  async identifiers(connection, wanted, builder) {
    await copyIdentifiers(connection, wanted, (row) =>
      builder.addIdentifier(row, identifierColumns, isCurrentRow(row, identifierColumns.use)),
    );
    return builder.finishIdentifiers();
  },
  async contacts(connection, wanted, builder) {
    await copyContacts(connection, wanted, (row) =>
      builder.addContact(row, contactColumns, isCurrentRow(row, contactColumns.use)),
    );
    return builder.finishContacts();
  },
};

/** Some of the lists, or all. */
export type ReadLists = Partial<StoreLists>;

/**
 * Reads one kind of list after the other.
 *
 * @param take the place of the next kind in `listKinds`: several threads share them out. Beyond the last one, it is done.
 */
export async function readLists(
  connection: CopyConnection,
  wanted: WantedRecords,
  builder: ListBuilder,
  take: () => number,
  signal?: AbortSignal,
): Promise<ReadLists> {
  const lists: ReadLists = {};
  for (let kind = listKinds[take()]; kind !== undefined; kind = listKinds[take()]) {
    Object.assign(lists, { [kind]: await readers[kind](connection, wanted, builder) });
    signal?.throwIfAborted();
  }
  return lists;
}
