// npm run test:pg15: the same tests on another server. Says what is missing instead of testing the embedded one.
if (!process.env["MPI_TEST_DATABASE_URL"]) {
  console.error(
    "Set MPI_TEST_DATABASE_URL to a superuser's URL of the server to test on, for instance\n" +
      "  MPI_TEST_DATABASE_URL=postgres://postgres@localhost:5432/postgres npm run test:pg15",
  );
  process.exitCode = 2;
}
