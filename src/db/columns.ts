import { sql } from "drizzle-orm";
import { customType, timestamp, varchar } from "drizzle-orm/pg-core";

/**
 * A full transaction id (PostgreSQL `xid8`). Text on our side: 64 bits do not fit a number, and it is only
 * ever compared inside the database.
 */
export const xid8 = customType<{ data: string; driverData: string }>({ dataType: () => "xid8" });

export const bytea = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => "bytea" });

/** Timestamps travel as text: a JavaScript Date loses the microseconds, and a comparison with one finds no row. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: "string" });

const actingUser = sql`mpi_acting_user()`;

/** When and by whom a row was made and last changed. `update_updated_at_column()` keeps the last two. */
export const stamps = () => ({
  createdAt: instant("created_at").notNull().defaultNow(),
  updatedAt: instant("updated_at").notNull().defaultNow(),
  createdBy: varchar("created_by", { length: 255 }).default(actingUser),
  updatedBy: varchar("updated_by", { length: 255 }).default(actingUser),
});

/** A soft-deleted row stays, and says who deleted it when. */
export const softDelete = () => ({
  deletedAt: instant("deleted_at"),
  deletedBy: varchar("deleted_by", { length: 255 }),
});
