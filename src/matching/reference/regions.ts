/** States and provinces, folded, to the code people also write: United States, Australia, Canada. */
const regionTable = `
alabama al
alaska ak
arizona az
arkansas ar
california ca
colorado co
connecticut ct
delaware de
district of columbia dc
florida fl
georgia ga
hawaii hi
idaho id
illinois il
indiana in
iowa ia
kansas ks
kentucky ky
louisiana la
maine me
maryland md
massachusetts ma
michigan mi
minnesota mn
mississippi ms
missouri mo
montana mt
nebraska ne
nevada nv
new hampshire nh
new jersey nj
new mexico nm
new york ny
north carolina nc
north dakota nd
ohio oh
oklahoma ok
oregon or
pennsylvania pa
rhode island ri
south carolina sc
south dakota sd
tennessee tn
texas tx
utah ut
vermont vt
virginia va
washington wa
west virginia wv
wisconsin wi
wyoming wy
puerto rico pr
guam gu
american samoa as
virgin islands vi
northern mariana islands mp
new south wales nsw
victoria vic
queensland qld
south australia sa
western australia wa
tasmania tas
northern territory nt
australian capital territory act
ontario on
quebec qc
british columbia bc
alberta ab
manitoba mb
saskatchewan sk
nova scotia ns
new brunswick nb
newfoundland and labrador nl
newfoundland nl
prince edward island pe
yukon yt
nunavut nu
northwest territories nt
`;

export const regionCodes: ReadonlyMap<string, string> = new Map(
  regionTable
    .trim()
    .split("\n")
    .map((row): [string, string] => {
      const cut = row.lastIndexOf(" ");
      return [row.slice(0, cut), row.slice(cut + 1)];
    }),
);
