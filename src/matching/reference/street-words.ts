/**
 * Street types: the abbreviation that stands for all forms, then the forms. Those of the United States Postal
 * Service, then Australian, British, German, French, Spanish and Italian ones. Saint, Street and Straße share
 * "st" on purpose: "St" cannot be told apart, and both sides are treated alike.
 */
const streetTypeTable = `
aly alley ally
arc arcade
ave avenue av aven avenu avn avnue avenida avda
bch beach
bnd bend
blvd boulevard boul boulv bvd bulevar boulevar
br branch brnch
brg bridge brdge
byp bypass bypa byps
cct circuit crct
cir circle circ circl crcl crcle
cl close
cmn common
cmns commons
cnr corner cor
ct court crt
cts courts
cv cove
cres crescent crsent crsnt crs
crst crest
xing crossing crssng
dr drive driv drv
esp esplanade
est estate
ests estates
expy expressway expr express
fwy freeway frwy
gdn garden
gdns gardens grdns
gwy gateway gtway
gln glen
grn green
gr grove grv grov
hts heights hgts
hwy highway highwy hiway hway
hl hill
hls hills
holw hollow
is island
jct junction junct
lk lake
lndg landing
ln lane
loop loops
mnr manor
mdw meadow
mdws meadows medows
mtwy motorway
mt mount mnt
mtn mountain
orch orchard
oval ovl
pde parade
park prk pk
pass psge
path paths
pike pikes
pkwy parkway pky pkway parkwy
pl place plac
plz plaza plza
pt point
prom promenade
qy quay
rd road
rdg ridge
rte route
row rows
run runs
sq square sqr sqre squ
spgs springs
st street strt strasse str saint
tce terrace ter terr
trce trace
trl trail trails trls
tpke turnpike trnpk
vly valley
vw view
vlg village vill villag
walk wlk walks
way wy
platz pltz
weg wg
chemin chem
impasse imp
calle cll
camino cam
carretera ctra
paseo pso
viale vle
piazza pza
corso cso
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
