import { sql, type SQL } from "drizzle-orm";

/**
 * A row of audit_log `a` as the line of JSON its hash is taken over: the twin of mpi_audit_line() in
 * drizzle/0003_audit.sql, made of built-in functions alone, so that who checks the trail need not trust a function
 * that lies in the same database. A test holds the two together.
 *
 * @param place another id and time in place of the row's own: to see whether a row was moved.
 */
export function auditLine(place: { readonly id: SQL; readonly at: SQL } = ownPlace): SQL {
  const text = (column: string) => sql`coalesce(to_json(${sql.raw(`a.${column}`)})::text, 'null')`;
  return sql`concat('{"id": ', ${place.id},
    ', "timestamp": "', to_char(${place.at} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
    'Z", "transaction_id": "', a.transaction_id, '", "user_id": ', ${text("user_id")},
    ', "database_user": ', ${text("database_user")}, ', "operation": ', ${text("operation")},
    ', "reason": ', ${text("reason")}, ', "ip_address": ', ${text("ip_address")},
    ', "user_agent": ', ${text("user_agent")}, ', "action": ', ${text("action")},
    ', "entity_type": ', ${text("entity_type")}, ', "table_name": ', ${text("table_name")},
    ', "entity_id": ', coalesce('"' || a.entity_id || '"', 'null'), ', "row_id": ', coalesce('"' || a.row_id || '"', 'null'),
    ', "old_values": ', coalesce(a.old_values::text, 'null'), ', "new_values": ', coalesce(a.new_values::text, 'null'), '}')`;
}

/** SHA-256 of the line, as row_hash should be. */
export const auditHash = (place?: { readonly id: SQL; readonly at: SQL }): SQL =>
  sql`sha256(convert_to(${auditLine(place)}, 'UTF8'))`;

const ownPlace = { id: sql`a.id`, at: sql`a."timestamp"` };
