/**
 * Loaded into every test process: a file that is still running after this time is named and ended, so that a forgotten
 * handle or a lost event turns the suite red instead of hanging it. The runner's own time limit ends tests, not files.
 */
const LIMIT_MS = 600_000;

// The runner itself loads this too and must outlive every file.
if (process.env.NODE_TEST_CONTEXT) {
  setTimeout(() => {
    console.error(
      `${process.argv[1]} still runs after ${LIMIT_MS / 1000} s; open: ${process.getActiveResourcesInfo().join()}`,
    );
    process.exit(1);
  }, LIMIT_MS).unref();
}
