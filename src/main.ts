import { main } from './cli/main.ts';
import { messagesFor } from './cli/messages/messages.ts';

process.exitCode = await main(process.argv.slice(2), {
  env: process.env,
  text: messagesFor(process.env),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
});
// What still lingers (a socket of a browser, a handle of a library) may not keep a finished command alive.
setTimeout(() => process.exit(), 500).unref();
