import { describe, expect, it } from "vitest";
import { resolveEmbeddedPaths } from "../../../src/db/embedded/paths.ts";

const alice = 1000;

describe("where the embedded server lives", () => {
  it.each([
    ["MPI_HOME, whoever asks", { MPI_HOME: "/srv/mpi", HOME: "/home/alice" }, alice, "/srv/mpi"],
    ["MPI_HOME without a final slash", { MPI_HOME: "/srv/mpi/" }, alice, "/srv/mpi"],
    ["MPI_HOME for root too", { MPI_HOME: "/srv/mpi" }, 0, "/srv/mpi"],
    ["/var/lib/mpi for root", { HOME: "/root", XDG_DATA_HOME: "/root/data" }, 0, "/var/lib/mpi"],
    ["the XDG data directory", { HOME: "/home/alice", XDG_DATA_HOME: "/data" }, alice, "/data/mpi"],
    ["its default", { HOME: "/home/alice" }, alice, "/home/alice/.local/share/mpi"],
    [
      "the default where XDG_DATA_HOME is relative",
      { HOME: "/home/alice", XDG_DATA_HOME: "x" },
      alice,
      "/home/alice/.local/share/mpi",
    ],
    [
      "the default where MPI_HOME is empty",
      { MPI_HOME: "", HOME: "/home/alice" },
      alice,
      "/home/alice/.local/share/mpi",
    ],
  ])("is %s", (_, env, userId, home) => {
    expect(resolveEmbeddedPaths(env, userId).home).toBe(home);
  });

  it("refuses a relative MPI_HOME, which would mean another database in every directory", () => {
    expect(() => resolveEmbeddedPaths({ MPI_HOME: "data" }, alice)).toThrow(/absolute path/);
  });
});

describe("where the socket lies", () => {
  const socketDirectoryFor = (home: string, userId = alice) =>
    resolveEmbeddedPaths({ MPI_HOME: home }, userId).socketDirectory;

  it("is beside the data as long as the path of the socket has at most 107 bytes", () => {
    // /postgres/run/.s.PGSQL.5432 has 27 bytes; on macOS the limit is 103.
    const longest = `/${"x".repeat((process.platform === "darwin" ? 103 : 107) - 28)}`;
    expect(socketDirectoryFor(longest)).toBe(`${longest}/postgres/run`);
    expect(socketDirectoryFor(`${longest}x`)).toMatch(/^\/tmp\/mpi-[0-9a-f]{12}$/);
  });

  it("counts bytes, not characters", () => {
    expect(socketDirectoryFor(`/${"ü".repeat(50)}`)).toMatch(/^\/tmp\/mpi-/);
  });

  it("is elsewhere where PostgreSQL could not read the path", () => {
    expect(socketDirectoryFor('/srv/a,"b"')).toMatch(/^\/tmp\/mpi-/);
    expect(socketDirectoryFor("/srv/a\nb")).toMatch(/^\/tmp\/mpi-/);
  });

  it("is another one for another home, and always the same for the same", () => {
    const [first, second] = ["a", "b"].map((letter) => `/${letter.repeat(120)}`) as [string, string];
    expect(socketDirectoryFor(first)).not.toBe(socketDirectoryFor(second));
    expect(socketDirectoryFor(first)).toBe(socketDirectoryFor(first));
  });
});
