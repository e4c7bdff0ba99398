import type { CheckReport } from '../../domain/check-report.ts';
import type { CopyReport } from '../../domain/copy-log.ts';
import type { LogSummary } from '../../domain/log-summary.ts';
import type { Reach } from '../../domain/store-problem.ts';
import type { CommandName } from '../commands.ts';
import type { DrillStep } from '../drill/steps.ts';
import type { FlagText, TroubleText, UsageText } from './messages.ts';

const count = (number: number, one: string, several = `${one}s`): string =>
  `${number.toLocaleString('en')} ${number === 1 ? one : several}`;

type Counts = CheckReport['counts'];
type Figures = Pick<CopyReport, 'conversations' | 'messages'>;

const usage: UsageText = {
  unknown_command: (p) => `There is no command "${p.command}". guichet --help lists them.`,
  unknown_flag: (p) => `There is no flag ${p.flag} here. Add --help to see which there are.`,
  repeated_flag: (p) => `${p.flag} is given twice. Give it once.`,
  missing_flag: (p) => `${p.flag} is missing. Add --help to see what this command needs.`,
  missing_value: (p) => `${p.flag} needs a value.`,
  unexpected_value: (p) => `${p.flag} takes no value.`,
  unexpected_argument: (p) => `"${p.argument}" is not understood here. Values follow a flag; --help lists the flags.`,
  not_a_number: (p) => `${p.flag} must be a whole number from ${p.min} to ${p.max}, not "${p.value}".`,
  not_one_of: (p) => `${p.flag} must be one of ${p.choices.join(', ')}, not "${p.value}".`,
  not_a_moment: (p) =>
    `${p.flag} must be a position such as 1200 or a time such as 2025-01-06T08:00:00Z, not "${p.value}".`,
  not_a_time: (p) => `${p.flag} must be a time of day such as 03:00, not "${p.value}".`,
  not_a_zone: (p) => `${p.flag} must be a time zone such as Europe/Paris, not "${p.value}".`,
  not_an_origin: (p) =>
    `${p.flag} must be like https://chat.example.org, with nothing behind the host; not "${p.value}".`,
  not_a_proxy: (p) =>
    `${p.flag} must be on, off, a number of proxies, or addresses such as 10.0.0.0/8; not "${p.value}".`,
  not_a_media_type: (p) =>
    `${p.flag} must be media types such as application/pdf or image/*, separated by commas; not "${p.value}".`,
  plain_http: (p) =>
    `With ${p.flag} ${p.value} others can reach this server, and nothing encrypts what they send. Put a proxy with TLS in front and name it: --public-url https://… or --trust-proxy ADDRESSES. In a container whose port only the proxy or this machine reaches, or on a network you trust, say --plain-http.`,
  not_an_email: (p) => `${p.flag} must be an e-mail address, not "${p.value}".`,
  bad_name: (p) => `${p.flag} must have 1 to ${p.max} characters.`,
  bad_password: (p) => `The password must have ${p.min} to ${p.max} characters.`,
  nothing_to_import: (p) =>
    `There is no conversations.json and no messages.json in ${p.dir}. Name their directory with ${p.flag}.`,
  short_secret: (p) => `${p.flag} must have at least ${p.min} characters: make one with openssl rand -hex 32.`,
  secrets_needed: (p) =>
    `${p.store} has no folder of this server's own to keep secrets in, and other servers may share it: set ${p.missing.join(' and ')} in the environment, the same for all of them, at least ${p.min} characters (openssl rand -hex 32 makes one).`,
  store_unknown: (p) =>
    `"${p.store}" is not a store. Use file:DIR, memory:, sqlite:FILE, postgres://… or mysql://…, such as file:./data.`,
  store_incomplete: (p) => `"${p.store}" is not complete or not readable. It should look like ${p.example}.`,
  store_repeated: (p) => `${p.store} is in the list of stores twice. Name each once.`,
  store_memory_not_last: () =>
    'memory: keeps nothing when the server stops, so it can only be the last store of a list.',
  store_single: (p) => `${p.flag} takes one store here, not a list.`,
  store_not_kept: (p) => `memory: keeps nothing when this command ends. Name another store with ${p.flag}.`,
};

const reached = (reach: readonly Reach[]): string =>
  reach.length === 0
    ? 'nothing is kept there'
    : `kept are positions ${reach
        .map(({ from, to, fromTime, toTime }) =>
          from === to
            ? `${from} (${new Date(fromTime).toISOString()})`
            : `${from} to ${to} (${new Date(fromTime).toISOString()} to ${new Date(toTime).toISOString()})`,
        )
        .join(', ')}`;

const trouble: TroubleText = {
  target_holds_other: (p) =>
    `${p.store} is not empty, and what it holds is not the beginning of this log. Name an empty store.`,
  target_is_plain: (p) =>
    `${p.dir} holds the files of another program. Name an empty store; to take those files over, use guichet import.`,
  copy_differs: (p) =>
    `${p.store} does not hold what was copied: ${p.what} differs. Do not use it; copy to an empty store.`,
  not_empty: (p) => `${p.dir} is not empty. Name a directory that is empty or not there yet.`,
  backup_differs: (p) =>
    `The backup was not read back as what it was made of, so ${p.dir} was not made. Check the store and the disk.`,
  no_history: (p) => `${p.dir} is neither a backup nor a data directory.`,
  would_lose: (p) =>
    `${count(p.changes, 'change')} can be found nowhere. Name other stores of this log behind a comma, or go on without them: --accept-loss. Nothing was changed.`,
  repair_needs_target: (p) =>
    `${p.store} is a database, and nothing is written into it: what it still holds goes into an empty store. Name one: --to.`,
  repair_in_place: (p) => `${p.store} is repaired in its place, and what was there is kept. Leave --to out.`,
  contradicts: (p) =>
    `What is left in ${p.store} and in the others cannot be one log: ${p.what} Bring back a backup: guichet restore. Nothing was changed.`,
  log_unknown: (p) =>
    `${p.store} does not say any more which log it keeps. Name another store of it behind a comma, or go on as a log that begins anew: --accept-loss. Nothing was changed.`,
  past_damaged: (p) => `It cannot be brought back from there: ${p.what} Name an older backup.`,
  past_not_kept: (p) => `The log as it was at ${p.at} cannot be had: ${reached(p.reach)}.`,
};

const flags: FlagText = {
  host: 'address to listen on; 0.0.0.0 or :: for every network',
  port: 'port to listen on; 0 picks a free one',
  store: 'where the chat is kept: file:DIR, memory:, or several in order of preference',
  'snapshot-every': 'seconds between snapshots of a file store; 0: at shutdown only',
  'backup-at': 'time of the daily backup',
  'backup-keep': 'how many daily backups are kept',
  'backup-dir': 'where backups go (default: backup/ in the data directory)',
  blobs: 'where files of messages are kept (default: blobs/ in the data directory, else ./data/blobs)',
  'attachment-max': 'largest file that is taken, in megabytes; 0: none is',
  'attachment-types':
    'files that are taken, such as image/*,application/pdf (default: images, PDF, text, office documents, zip, video, sound)',
  'tier-timeout': 'milliseconds after which a silent store of a list counts as failed',
  'leave-behind': 'stores of the list that are given up: the chat goes on without what they alone may hold',
  'public-url': 'address at which browsers reach this server (default: derived)',
  'trust-proxy': 'which proxies may say who the caller is',
  'allowed-origins': "sites that may embed the widget (default: this server's own)",
  'plain-http': 'listen on a public address although nothing encrypts (containers, trusted networks)',
  'require-identity': 'visitors need a token signed by the host site, on every call',
  timezone: "zone of --backup-at and of times without one (default: the system's)",
  'log-level': 'trace, debug, info, warn, error, fatal or silent',
  json: 'print the report as JSON',
  from: 'where to take it from: a store for copy, else a directory',
  to: 'where it goes: a store, or for export and backup an empty directory',
  at: 'restore the log as it was at a time (2025-01-06T08:00:00Z) or behind a position',
  'accept-loss': 'go on without what is found nowhere; a sentence takes the place of each lost message',
  purge: 'also take it out of the history of the stores and out of their backups, now',
  current: 'the store that is replaced: who was erased there stays erased',
  'dry-run': 'say what would come back or be done, and change nothing',
  email: 'e-mail address, used to sign in',
  name: 'name that visitors see',
  role: 'admin or agent',
};

const commands: Record<CommandName, string> = {
  serve: 'start the server',
  check: 'verify a store without changing it, and print a report',
  copy: 'copy everything from one store to another, and compare the two; run it again to go on',
  import: 'take over conversations.json and messages.json of another program',
  backup: 'write a backup of a store, and verify it by reading it back',
  restore: 'bring a backup, or an earlier moment of a data directory, back into an empty store',
  repair: 'make a damaged store whole from snapshots, backups, journals and other stores of the list',
  export: 'write conversations.json, messages.json and directory.json, without secrets, from any store',
  erase: 'erase a visitor: who they are, and what was written in their conversations, for good',
  drill: 'show on a private server that kill -9, a lost store, a damaged file and a full disk lose nothing',
  'agent add': 'add an agent who can sign in to the console; the password is asked, or read from stdin',
};

export const en = {
  usage,
  trouble,
  flags,
  commands,
  help: {
    intro: 'Guichet, a self-hosted support chat.',
    usage: 'Usage',
    commands: 'Commands',
    flags: 'Flags',
    environment: 'Each flag can also be set by its variable. Only by variable',
    secrets: 'a token for automation; keys that sign tokens. Each at least 32 characters.',
    default: 'default',
    more: 'guichet COMMAND --help tells more about a command.',
    exit: 'Exit: 0 done, 1 failed or refused, 2 wrong usage.',
    noCommand: 'Say which command: guichet --help lists them, guichet serve starts the server.',
  },
  failure: {
    portInUse: (port: number) => `Port ${port} is in use. Stop the other program, or choose another with --port.`,
    portForbidden: (port: number) => `Port ${port} needs more rights. Choose one above 1023 with --port.`,
    badHost: (host: string) => `This machine has no address "${host}". Choose another with --host.`,
    internal: (what: string) => `Something went wrong: ${what}`,
  },
  password: {
    ask: 'Password:',
    again: 'Again:',
    differ: 'The two passwords differ. Nothing was changed; run the command again.',
  },
  agentAdded: (name: string, email: string, role: string) => `Added ${name} <${email}> as ${role}.`,
  imported: {
    label: 'Importing',
    found: (conversations: number, messages: number) =>
      `Read ${count(conversations, 'conversation')} and ${count(messages, 'message')}.`,
    added: (records: number) => `Added ${count(records, 'entry', 'entries')}.`,
    known: (entries: number) => `There already: ${count(entries, 'entry', 'entries')}.`,
    unreadable: (places: number) =>
      `Not everything could be read; what stands here was not imported (${count(places, 'place')}):`,
  },
  copied: {
    copying: 'Copying',
    comparing: 'Comparing',
    done: (report: CopyReport) =>
      `Copied ${count(report.added, 'change')} and compared everything: ${count(report.conversations, 'conversation')}, ` +
      `${count(report.messages, 'message')}, ${count(report.entries, 'directory entry', 'directory entries')}, ` +
      `position ${report.position}. Both hold the same.`,
    secrets: (path: string, to: string) =>
      `The keys are not copied: put ${path} into ${to} as well, or visitors cannot go on with their conversations.`,
    chain: (names: string) =>
      `This log was kept by several stores. To start on the copy alone, give them up: --leave-behind ${names}`,
  },
  backedUp: (
    dir: string,
    { position, counts }: { position: number; counts: Pick<CopyReport, 'conversations' | 'messages'> },
  ) =>
    `Wrote ${dir} and read it back: ${count(counts.conversations, 'conversation')}, ` +
    `${count(counts.messages, 'message')}, position ${position}.`,
  restored: {
    label: 'Restoring',
    would: ({ position, time, conversations, messages }: LogSummary) =>
      `What would come back: position ${position} of ${new Date(time).toISOString()}, ` +
      `${count(conversations, 'conversation')}, ${count(messages, 'message')}. Nothing was changed.`,
    newest: 'The conversations that changed last:',
    conversation: (c: LogSummary['newest'][number]) =>
      `${c.updatedAt}  ${c.id}  ${count(c.messages, 'message')}${c.subject === null ? '' : `  ${c.subject}`}`,
    done: (report: CopyReport) =>
      `Restored and compared: ${count(report.conversations, 'conversation')}, ${count(report.messages, 'message')}, ` +
      `position ${report.position}. It is another past of the log: every client starts again, and agents sign in anew.`,
    erased: (visitors: number) =>
      `Erased in it too: ${count(visitors, 'visitor')} whose erasure this past knew nothing of.`,
  },
  drilled: {
    begin: (dir: string) => `A private server on scratch stores in ${dir}; 8 people write to it without end.`,
    doing: {
      kill: 'kill -9, three times, and started again',
      lost: 'the first of two stores deleted under the server',
      damage: 'one bit flipped in a message that was acknowledged',
      full: 'the disk filled up, and freed again',
    },
    step: ({ acknowledged, pauseMs }: DrillStep) =>
      `  ${count(acknowledged, 'message')} acknowledged, each there once and in order. Longest wait: ${(pauseMs / 1000).toFixed(1)} s.`,
    found: (what: string) => `  Named, and the start refused: ${what} The other store gave everything back.`,
    unsaved: (messages: number) =>
      `  Meanwhile ${count(messages, 'message')} went through memory, marked "not saved yet", and were saved when there was room.`,
    limited: '  (No disk may be mounted here: a limit on the size of files stood in for a full one.)',
    skipped: '  left out: neither a small disk nor a limit on the size of files can be had on this system.',
    wrong: 'WRONG',
    well: (seconds: number) => `Nothing was lost, doubled or reordered, in ${seconds} seconds.`,
    ill: 'Something is wrong: see above. Please report it with this output.',
  },
  repaired: {
    sound: 'Nothing is wrong there, so nothing was changed.',
    whole: (position: number) => `Everything is still there, up to position ${position}.`,
    lost: (changes: number, placeholders: number) =>
      `${count(changes, 'change')} can be found nowhere; a sentence takes the place of ${count(placeholders, 'message')}.`,
    base: (position: number, from: string) => `Whole up to position ${position}: ${from}.`,
    would: 'Nothing was changed.',
    done: (kept: string) => `The store is whole again and was compared. What was there is kept as ${kept}.`,
    written: (to: string) =>
      `Written to ${to} and compared; what was there before is as it was. Start with the new store.`,
    rewound: 'It is another past of the log: every client starts again, and agents sign in anew.',
  },
  erased: {
    would: (e: Figures) =>
      `It would be ${count(e.conversations, 'conversation')} with ${count(e.messages, 'message')} that hold something. Nothing was changed.`,
    done: (e: Figures) =>
      `Erased, with ${count(e.messages, 'message')} in ${count(e.conversations, 'conversation')}. Ids, places and times stay.`,
    purged: 'Nothing of it is left in the journal and the snapshots.',
    agesOut: 'The journal still tells how it came, until two more snapshots were written; --purge takes it out now.',
    rewriting: (backups: number) =>
      `${count(backups, 'backup')} hold it and ${backups === 1 ? 'is' : 'are'} written again without it:`,
    rewritten: (name: string, to: string) =>
      `  ${name}: written again as ${to}, read back and compared; the old one is gone.`,
    holding: (backups: number) => `${count(backups, 'backup')} still hold it (--purge writes them again without it):`,
    until: (name: string, day: string) => `  ${name}, until about ${day}`,
    unreadable: (name: string, why: string) => `  ${name} cannot be read, so it may hold it: ${why}`,
    others: 'These are no daily backups and were not looked into; look yourself, and remove what holds it:',
    elsewhere: 'Backups that were copied elsewhere are yours to find.',
  },
  exported: (conversations: number, messages: number, dir: string) =>
    `Wrote ${count(conversations, 'conversation')} and ${count(messages, 'message')} to ${dir}.`,
  checked: {
    byte: 'byte',
    info: 'note',
    warn: 'warning',
    error: 'ERROR',
    counts: (held: Counts) =>
      `${count(held.conversations, 'conversation')}, ${count(held.messages, 'message')}, ` +
      `${count(held.entries, 'directory entry', 'directory entries')}, position ${held.position}` +
      (held.segments === 0 ? '' : `; ${count(held.snapshots, 'snapshot')}, ${count(held.segments, 'journal segment')}`),
    sound: 'All of it was read and is sound.',
    wrong: 'Something is wrong: see above. Nothing was changed.',
  },
};
