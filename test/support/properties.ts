import fc from "fast-check";

/**
 * fast-check with one seed for all properties, so that the same code gives the same answer every time.
 * MPI_TEST_SEED takes another number, or `random` to hunt for what this seed does not show.
 */
const wanted = process.env["MPI_TEST_SEED"] ?? "1969";
if (wanted !== "random") fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(wanted) });

export { fc };
