import { userInfo } from "node:os";
import { describe, expect, it } from "vitest";
import { resolveActor } from "../../src/cli/actor.ts";
import { resolveConfig } from "../../src/cli/config.ts";
import type { Environment } from "../../src/cli/streams.ts";

const actorOf = (env: Environment, user?: string) =>
  resolveActor(resolveConfig({ user }, { HOME: "/nonexistent", ...env }, "/"), env, "patient merge");

describe("the actor", () => {
  it("is --user, else MPI_USER, else the operating system's user", () => {
    expect(actorOf({ MPI_USER: "env" }, "flag").user).toBe("flag");
    expect(actorOf({ MPI_USER: "env" }).user).toBe("env");
    expect(actorOf({}).user).toBe(userInfo().username);
  });

  it.each(["", " ", "x".repeat(256), "al\u001bice", "al\nice"])("is refused as %j", (user) => {
    expect(() => actorOf({}, user)).toThrow("The acting user must be 1 to 255 visible characters.");
  });

  it.each([
    [{ SSH_CONNECTION: "192.0.2.7 51000 192.0.2.1 22" }, "192.0.2.7"],
    [{ SSH_CLIENT: "2001:db8::7 51000 22" }, "2001:db8::7"],
    [{ SSH_CONNECTION: "fe80::1%eth0 51000 fe80::2 22" }, "fe80::1"],
    [{ SSH_CONNECTION: "UNKNOWN 65535 UNKNOWN 65535" }, undefined],
    [{}, undefined],
  ])("with %o in the environment comes from %s", (env, ipAddress) => {
    expect(actorOf(env).ipAddress).toBe(ipAddress);
  });

  it("names the program, its version and the command", () => {
    expect(actorOf({}).userAgent).toBe("mpi/0.1.0 patient merge");
  });
});
