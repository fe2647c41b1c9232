import type { MatchModel } from "../../matching/model/match-model.ts";
import type { BuilderOptions } from "../../matching/store/list-builder.ts";
import type { DomainFactsBySystem } from "./to-match-record.ts";

/** What the lists of records are read by: plain data, so that it can be handed to a thread. */
export interface ListSettings {
  readonly nationalTypes: readonly string[];
  readonly domains: DomainFactsBySystem;
}

export const listSettings = (model: MatchModel, domains: DomainFactsBySystem): ListSettings => ({
  nationalTypes: model.nationalIdentifierTypes,
  domains,
});

const unknownDomain = { isAuthoritative: false, isSingleValued: false };

export const listOptions = ({ nationalTypes, domains }: ListSettings): BuilderOptions => ({
  nationalTypes: new Set(nationalTypes),
  domainOf: (system) => domains.get(system) ?? unknownDomain,
});
