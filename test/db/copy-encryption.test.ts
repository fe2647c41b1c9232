import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import type { ConnectionTarget } from "../../src/db/client.ts";
import { withCopyConnection } from "../../src/db/copy.ts";

/** What a connection asks for first: encryption, or to be let in as it is. */
const requests = new Map([
  [80_877_103, "encryption"],
  [196_608, "plain"],
]);

/**
 * What a client asks of a server that answers a wish for encryption with this byte, and says nothing more.
 *
 * @returns connection by connection.
 */
async function listRequests(answer: "S" | "N", sslMode: ConnectionTarget["sslMode"]) {
  const asked: (string | undefined)[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", (bytes) => {
      const request = requests.get(bytes.readInt32BE(4));
      asked.push(request);
      if (request === "encryption") socket.end(answer);
      else socket.destroy();
    });
  });
  server.listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const target = { host: "127.0.0.1", port, user: "mpi", password: "x", database: "mpi", sslMode };
  await expect(withCopyConnection(target, () => Promise.resolve())).rejects.toThrow();
  return asked;
}

describe("the connection that records are copied on", () => {
  it.each([
    [undefined, ["encryption", "plain"]],
    ["prefer", ["encryption", "plain"]],
    ["disable", ["plain"]],
    ["require", ["encryption"]],
    ["verify-full", ["encryption"]],
  ] as const)("with sslmode %s asks a server that has no encryption for %j", async (sslMode, expected) => {
    expect(await listRequests("N", sslMode)).toEqual(expected);
  });

  it.each([undefined, "prefer", "require"] as const)(
    "with sslmode %s never goes on in the clear where encryption fails",
    async (sslMode) => {
      expect(await listRequests("S", sslMode)).toEqual(["encryption"]);
    },
  );
});
