/**
 * Street types: the form that stands for all, then the others. Those of the United States Postal
 * Service, then Australian, British, German, French, Spanish and Italian ones. Saint, Street and Straße share
 * "st" on purpose: "St" cannot be told apart, and both sides are treated alike. Words that also stand inside
 * names (Sea View) are written out, so that Seaview stays the same street.
 */
const streetTypeTable = `
aly alley ally
arc arcade
ave avenue av aven avenu avn avnue avenida avda
blvd boulevard boul boulv bvd bulevar boulevar
byp bypass bypa byps
cct circuit crct
cir circle circ circl crcl crcle
cl close
ct court crt
cts courts
cres crescent crsent crsnt crs
xing crossing crssng
dr drive driv drv
esp esplanade
expy expressway expr express
fwy freeway frwy
hwy highway highwy hiway hway
ln lane
mtwy motorway
pde parade
pkwy parkway pky parkwy
pl place plac
plz plaza plza
prom promenade
rd road
rte route
sq square sqr sqre squ
st street strt strasse str saint
tce terrace ter terr
trl trail trails trls
tpke turnpike trnpk
calle cll
camino cam
carretera ctra
chemin chem
corso cso
impasse imp
paseo pso
piazza pza
platz pltz
viale vle
weg wg
beach bch
bend bnd
branch br brnch
bridge brg brdge
common cmn
commons cmns
corner cnr cor
cove cv
crest crst
estate est
estates ests
garden gdn
gardens gdns grdns
gateway gwy gtway
glen gln
green grn
grove gr grv grov
heights hts hgts
hill hl
hills hls
hollow holw
island is
junction jct junct
lake lk
landing lndg
loop loops
manor mnr
meadow mdw
meadows mdws medows
mount mt mnt
mountain mtn
orchard orch
oval ovl
park prk pk
pass psge passage
path paths
pike pikes
point pt
quay qy
ridge rdg
row rows
run runs
springs spgs
trace trce
valley vly
view vw
village vlg vill villag
walk wlk walks
way wy
`;

/** Words of an address that are not its street type but have short forms too. */
const otherWordTable = `
n north nth
s south sth
e east
w west
ne northeast
nw northwest
se southeast
sw southwest
1st first
2nd second
3rd third
4th fourth
5th fifth
6th sixth
7th seventh
8th eighth
9th ninth
10th tenth
11th eleventh
12th twelfth
co county
`;

/** What comes before the number of a flat, room or lot. */
export const unitDesignators: ReadonlySet<string> = new Set(
  (
    "apt|apartment|apmt|appt|appartement|unit|suite|ste|room|rm|flat|lot|bldg|building|trlr|trailer|spc|space|" +
    "villa|shop|floor|fl|flr|lvl|level|hngr|pier|slip|dept|ph|penthouse|wohnung|whg|piso|depto"
  ).split("|"),
);

/** Those whose number may be a single letter; "12 Villa D Este" has no unit. */
export const letteredDesignators: ReadonlySet<string> = new Set(
  "apt|apartment|apmt|appt|unit|suite|ste|room|rm|flat|bldg|building|lot|shop".split("|"),
);

/** Canonical directions. */
export const directionWords: ReadonlySet<string> = new Set("n|s|e|w|ne|nw|se|sw".split("|"));

/** Canonical street types: what the comparator may leave out when two names differ in nothing else. */
export const streetTypes: ReadonlySet<string> = new Set(
  listRows(streetTypeTable).map(([canonical]) => canonical ?? ""),
);

/** Any form of a street type, direction or ordinal, to its canonical form. */
export const streetWords: ReadonlyMap<string, string> = new Map(
  [...listRows(streetTypeTable), ...listRows(otherWordTable)].flatMap(([canonical = "", ...forms]) =>
    forms.map((form): [string, string] => [form, canonical]),
  ),
);

/** The commonest types in full: a last word that is one edit away from one of them is that type misspelt. */
export const oftenMisspeltTypes: readonly string[] =
  "street|avenue|drive|court|place|circuit|crescent|circle|terrace|parade|square|highway|boulevard|parkway|strasse".split(
    "|",
  );

/** Types that are also written as the end of the street's own word: Hauptstrasse, Pridhamstreet. */
export const joinedStreetTypes: readonly string[] = [
  "strasse",
  "str",
  "street",
  "avenue",
  "crescent",
  "circuit",
  "boulevard",
  "highway",
  "terrace",
];

function listRows(table: string): readonly (readonly string[])[] {
  return table
    .trim()
    .split("\n")
    .map((row) => row.split(" "));
}
