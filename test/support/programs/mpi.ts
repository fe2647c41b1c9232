// The program itself, from its sources.
import { main } from "../../../src/cli/main.ts";

await main();
