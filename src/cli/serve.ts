import { once } from 'node:events';
import type { Logger } from 'pino';
import { type App, startApp } from '../app.ts';
import { type Config, loadConfig, SERVE_FLAGS } from '../config/config.ts';
import { type Command, EXIT } from './command.ts';
import { controlPath } from './control/control-path.ts';
import { ControlServer } from './control/control-server.ts';
import { createLog } from './log.ts';
import { onStop } from './stop-signals.ts';

/** Longest graceful stop. What was acknowledged is on disk either way; only a last snapshot may be missing. */
const STOP_WITHIN_MS = 9_000;

/** The socket for commands, where there is a directory for it. A chat goes on without. */
const startControl = async (config: Config, app: App, log: Logger): Promise<ControlServer | undefined> => {
  const path = controlPath(config.stores);
  if (path === undefined) return undefined;
  const control = new ControlServer(app);
  try {
    await control.listen(path);
    return control;
  } catch (error) {
    log.warn({ err: error, path }, 'commands cannot reach this server; stop it to run them');
    return undefined;
  }
};

/** `guichet serve`: runs until it is asked to stop. */
export const serve: Command = {
  flags: SERVE_FLAGS,
  required: [],
  async run(args, { env, stdout }) {
    const config = loadConfig(args, env);
    const log = await createLog(config.logLevel, stdout);
    process.on('uncaughtException', (error) => {
      log.fatal({ err: error }, 'stopped by a defect; start again, nothing acknowledged is lost');
      process.exit(EXIT.failed);
    });

    const stopping = new AbortController();
    onStop(
      (reason) => {
        log.info({ reason }, 'stopping');
        stopping.abort();
      },
      (exitCode) => process.exit(exitCode),
    );
    const asked = once(stopping.signal, 'abort');

    const starting = startApp(config, log);
    // Asked to stop while still starting: every moment of a start is safe to end at.
    const app = await Promise.race([starting, asked.then(() => undefined)]);
    if (!app) return EXIT.done;
    const control = await startControl(config, app, log);
    log.info({ url: app.url, console: `${app.url}/console`, demo: `${app.url}/demo` }, 'ready');

    await asked;
    const slow = setTimeout(() => {
      log.warn('stopping took too long; what is left is done at the next start');
      process.exit(EXIT.done);
    }, STOP_WITHIN_MS);
    await control?.close();
    await app.stop();
    clearTimeout(slow);
    log.info('stopped');
    return EXIT.done;
  },
};
