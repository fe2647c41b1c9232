import { Random } from "./random.ts";
import { Sampler } from "./sampler.ts";
import { readTable } from "./table-files.ts";

export interface City {
  readonly name: string;
  readonly state: string;
  readonly postalCodes: readonly string[];
  readonly areaCodes: readonly string[];
  /** Where the city's own choice of rare streets begins in the list of all of them. */
  readonly streetOffset: number;
}

export interface Gazetteer {
  readonly cities: Sampler<City>;
  citiesOf(state: string): Sampler<City>;
}

interface State {
  readonly code: string;
  readonly population: number;
  readonly prefixes: readonly string[];
  readonly areaCodes: readonly string[];
}

const CITIES = 6_000;
/** Of the hundred codes below each three-digit prefix, about as many as are in use. */
const CODES_OF_PREFIX = 46;

/**
 * Invented cities in real states: a city lies in one state, its postal codes below that state's
 * three-digit prefixes, its telephones in that state's area codes. The same for every seed.
 */
export function readGazetteer(): Gazetteer {
  const states = readStates();
  const drawName = cityNames();
  const population = states.reduce((sum, state) => sum + state.population, 0);
  const cities: City[] = [];
  const weights: number[] = [];
  const ofState = new Map<string, Sampler<City>>();
  states.forEach((state, index) => {
    const random = new Random(1963, index);
    const count = Math.max(6, Math.round((CITIES * state.population) / population));
    const share = cityShares(count);
    const all = shuffledCodes(state, random);
    const names = new Set<string>();
    while (names.size < count) names.add(drawName(random));
    const here = [...names].map((name, rank) => {
      const wanted = Math.max(1, Math.round(share[rank]! * all.length));
      return {
        name,
        state: state.code,
        postalCodes: takeCodes(all, wanted, rank),
        areaCodes: [random.pick(state.areaCodes), random.pick(state.areaCodes)],
        streetOffset: random.below(1_000_000),
      };
    });
    cities.push(...here);
    weights.push(...share.map((part) => part * state.population));
    ofState.set(state.code, new Sampler(here, share));
  });
  const sampler = new Sampler(cities, weights);
  return { cities: sampler, citiesOf: (state) => ofState.get(state)! };
}

function readStates(): readonly State[] {
  return readTable("states.csv", ["state", "population", "postal_prefixes", "area_codes"]).map((row) => ({
    code: row.state,
    population: Number(row.population),
    prefixes: row.postal_prefixes.split(" ").flatMap(expandRange),
    areaCodes: row.area_codes.split(" "),
  }));
}

function expandRange(text: string): string[] {
  const [first, last = first] = text.split("-");
  const result: string[] = [];
  for (let n = Number(first); n <= Number(last); n++) result.push(String(n).padStart(3, "0"));
  return result;
}

/** Shares of the cities of one state by rank: the second half as large as the first, and so on down. */
function cityShares(count: number): number[] {
  const raw = Array.from({ length: count }, (_, rank) => 1 / (rank + 3));
  const total = raw.reduce((sum, part) => sum + part, 0);
  return raw.map((part) => part / total);
}

/** The state's codes in ascending order, so that a city's codes are neighbours. */
function shuffledCodes(state: State, random: Random): readonly string[] {
  const codes: string[] = [];
  for (const prefix of state.prefixes) {
    const first = random.below(100 - CODES_OF_PREFIX);
    for (let n = first; n < first + CODES_OF_PREFIX; n++) {
      codes.push(prefix + String(n).padStart(2, "0"));
    }
  }
  return codes;
}

/** A run of codes for a city; runs of small cities may meet, as they do where a code serves two villages. */
function takeCodes(codes: readonly string[], wanted: number, rank: number): readonly string[] {
  // 7919 is a prime beyond every number of codes, so the runs begin all over the state.
  const start = (rank * 7919) % codes.length;
  return Array.from({ length: Math.min(wanted, codes.length) }, (_, i) => codes[(start + i) % codes.length]!);
}

function cityNames(): (random: Random) => string {
  const rows = readTable("place-names.csv", ["kind", "text"]);
  const of = (kind: string) => rows.filter((row) => row.kind === kind).map((row) => row.text);
  const [common, stems, endings, prefixes] = [
    of("city_common"),
    of("city_stem"),
    of("city_ending"),
    of("city_prefix"),
  ];
  return (random) => {
    const name = random.chance(0.2) ? random.pick(common) : random.pick(stems) + random.pick(endings);
    return random.chance(0.15) ? `${random.pick(prefixes)} ${name}` : name;
  };
}
