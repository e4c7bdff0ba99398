import { SERVE_FLAGS } from '../config/config.ts';
import { type FlagTable, readFlags } from '../config/flags.ts';
import { parseStoreUrls } from '../config/store-url.ts';
import { UsageError, type UsageProblem } from '../config/usage-error.ts';
import { oneOf } from '../config/values.ts';
import { SYSTEM } from '../domain/access.ts';
import { addAgent } from '../domain/actions/add-agent.ts';
import { checkAgentEmail, checkName, checkPassword, PASSWORD_MAX, PASSWORD_MIN } from '../domain/model/person.ts';
import { NAME_MAX } from '../protocol/limits.ts';
import { type Command, EXIT } from './command.ts';
import { required, requireKept, withChat } from './open-chat.ts';
import { readPassword } from './read-password.ts';

const FLAGS = {
  email: { placeholder: 'E-MAIL' },
  name: { placeholder: 'NAME' },
  role: { placeholder: 'ROLE', default: 'agent' },
  store: SERVE_FLAGS.store,
} as const satisfies FlagTable;

/** The rules are those of the domain; the sentence is in the language of the terminal. */
const checkInput = (check: () => unknown, problem: UsageProblem): void => {
  try {
    check();
  } catch {
    throw new UsageError(problem);
  }
};

const ROLES = ['agent', 'admin'] as const;

/** `guichet agent add`: someone who can sign in to the console. The password never stands on the command line. */
export const agentAdd: Command = {
  flags: FLAGS,
  required: ['email', 'name'],
  async run(args, context) {
    const given = readFlags(FLAGS, args, context.env);
    const email = required(given.email, '--email');
    const name = required(given.name, '--name');
    checkInput(() => checkAgentEmail(email.value), { code: 'not_an_email', ...email });
    checkInput(() => checkName(name.value), { code: 'bad_name', flag: name.flag, max: NAME_MAX });
    const role = oneOf(given.role ?? { flag: '--role', value: FLAGS.role.default }, ROLES);
    const [store] = parseStoreUrls(given.store?.value ?? FLAGS.store.default);
    requireKept(store, given.store?.flag ?? '--store');

    const password = await readPassword(context);
    if (password === undefined) {
      context.stderr.write(`${context.text.password.differ}\n`);
      return EXIT.failed;
    }
    checkInput(() => checkPassword(password), { code: 'bad_password', min: PASSWORD_MIN, max: PASSWORD_MAX });
    const input = { email: email.value, name: name.value, role, password };
    const agent = await withChat(store, undefined, context, (chat) => addAgent(chat, SYSTEM, input));
    context.stdout.write(`${context.text.agentAdded(agent.name, agent.email ?? '', agent.role)}\n`);
    return EXIT.done;
  },
};
