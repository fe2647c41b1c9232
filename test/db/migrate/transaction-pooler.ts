import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import type { ConnectionTarget } from "../../../src/db/client.ts";

/** A server session of the pool, past its login. */
interface Backend {
  readonly socket: Socket;
  /** The client whose transaction it is in. */
  client: Client | undefined;
}

interface Client {
  readonly socket: Socket;
  /** What it has sent and nobody has taken yet. */
  waiting: Buffer[];
}

/**
 * A connection pooler in transaction mode, as far as migrations can tell: every client logs in by itself, and from
 * then on each transaction runs on whichever server session is free, the longest idle first (`oldest`) or the one
 * that was released last (`newest`).
 */
export async function startTransactionPooler(
  target: ConnectionTarget,
  pick: "oldest" | "newest",
): Promise<{ readonly target: ConnectionTarget; stop(): Promise<void> }> {
  const idle: Backend[] = [];
  const clients: Client[] = [];
  const sockets = new Set<Socket>();
  const own = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    return socket;
  };

  const serve = () => {
    for (const client of clients) {
      if (client.waiting.length === 0) continue;
      const backend = pick === "oldest" ? idle.shift() : idle.pop();
      if (backend === undefined) return;
      backend.client = client;
      client.waiting.splice(0).forEach((message) => backend.socket.write(message));
    }
  };

  const server = createServer((socket) => {
    own(socket);
    const upstream = own(
      target.host.startsWith("/")
        ? connect(`${target.host}/.s.PGSQL.${String(target.port)}`)
        : connect(target.port, target.host),
    );
    const backend: Backend = { socket: upstream, client: undefined };
    const client: Client = { socket, waiting: [] };
    let isLoggedIn = false;
    socket.on("data", (data: Buffer) => {
      if (!isLoggedIn) {
        upstream.write(data);
        return;
      }
      if (data[0] === "X".charCodeAt(0)) {
        clients.splice(clients.indexOf(client), 1);
        return;
      }
      const current = backends.find((candidate) => candidate.client === client);
      if (current === undefined) client.waiting.push(data);
      else current.socket.write(data);
      serve();
    });
    backends.push(backend);
    let unread = Buffer.alloc(0);
    upstream.on("data", (data: Buffer) => {
      (isLoggedIn ? backend.client?.socket : socket)?.write(data);
      unread = Buffer.concat([unread, data]);
      while (unread.length >= 5 && unread.length > unread.readInt32BE(1)) {
        const length = unread.readInt32BE(1) + 1;
        const isReadyAndIdle = unread[0] === "Z".charCodeAt(0) && unread[5] === "I".charCodeAt(0);
        unread = unread.subarray(length);
        if (!isReadyAndIdle) continue;
        if (!isLoggedIn) clients.push(client);
        isLoggedIn = true;
        backend.client = undefined;
        idle.push(backend);
        serve();
      }
    });
  });
  const backends: Backend[] = [];
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    target: {
      ...target,
      host: "127.0.0.1",
      port: (server.address() as AddressInfo).port,
      sslMode: "disable",
    },
    stop: () =>
      new Promise((resolve) => {
        sockets.forEach((socket) => socket.destroy());
        server.close(() => resolve());
      }),
  };
}
