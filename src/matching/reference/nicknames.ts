/** One line a formal name: the name, then its short and pet forms. */
const rows = `
robert bob rob bobby robbie
william bill will billy willie liam
edward ed eddie ted ned
edmund ed eddie ned ted
elizabeth liz beth lizzie betty
`;

export const nicknameTable: ReadonlyMap<string, readonly string[]> = new Map(
  rows
    .trim()
    .split("\n")
    .map((row): [string, readonly string[]] => {
      const [formal = "", ...shortForms] = row.split(" ");
      return [formal, shortForms];
    }),
);
