import type { Person } from "./person.ts";
import type { PersonMaker } from "./person-maker.ts";
import type { Random } from "./random.ts";
import type { PopulationSettings } from "./settings.ts";
import {
  makeNamesakes,
  makeOrdinary,
  makeOverlay,
  makeResident,
  makeSharedSsn,
  makeSpecialFamily,
  makeUnidentified,
} from "./unit-templates.ts";

interface Quota {
  /** Groups for each person of the population. */
  readonly rate: number;
  made: number;
  readonly make: (maker: PersonMaker, random: Random) => Person[];
}

/** Records for one institution, roughly. */
const RECORDS_FOR_INSTITUTION = 8_000;

/**
 * Hands out households one after the other. A hard case is made as soon as its rate is owed, not by
 * chance, so that small populations too have their share of each.
 */
export class UnitSchedule {
  readonly #maker: PersonMaker;
  readonly #quotas: readonly Quota[];

  constructor(maker: PersonMaker, settings: PopulationSettings) {
    this.#maker = maker;
    const institutions = Math.max(4, Math.ceil(settings.patients / RECORDS_FOR_INSTITUTION));
    const quota = (rate: number, make: Quota["make"]): Quota => ({ rate, made: 0, make });
    this.#quotas = [
      quota(settings.twinRate / 2, (m, random) => makeSpecialFamily(m, random, "twins")),
      quota(settings.generationRate, (m, random) => makeSpecialFamily(m, random, "generations")),
      quota(settings.newbornRate, (m, random) => makeSpecialFamily(m, random, "newborn")),
      quota(settings.institutionRate, (m, random) => makeResident(m, random, settings.seed, institutions)),
      quota(settings.sharedSsnRate, makeSharedSsn),
      quota(settings.overlayRate, makeOverlay),
      quota(settings.namesakeRate, makeNamesakes),
      quota(settings.unidentifiedRate, makeUnidentified),
    ];
  }

  /** The persons of the next household, or of two that a hard case ties together. */
  next(random: Random): Person[] {
    // One ahead, so that the rate is reached and not only approached.
    const owed = this.#quotas.find((quota) => quota.made < quota.rate * (this.#maker.persons + 12));
    if (owed === undefined) return makeOrdinary(this.#maker, random);
    owed.made++;
    return owed.make(this.#maker, random);
  }
}
