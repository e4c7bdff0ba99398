import { forAgents } from '../../../../src/client/for-agents.ts';
import { plurals, sizes } from '../plural.ts';

const count = /* @__PURE__ */ plurals('en');

/** What both faces say of messages, files and states. */
export const common = {
  /** What each state of an own message means, in full: shown on hover and read to screen readers. */
  states: {
    sending: 'Sending',
    unsaved: 'Not saved yet: the server has it in memory and will store it as soon as it can',
    stored: 'Stored on the server',
    delivered: 'Stored, and received by the other side',
    read: 'Read',
    failed: 'Not sent',
  },
  unsaved: 'not saved yet',
  failures: {
    too_large: 'This message is too long.',
    invalid: 'The server does not accept this text.',
    not_found: 'This conversation no longer exists.',
    unsupported_type: 'Files of this kind are not accepted here.',
    file_too_large: 'This file is too large.',
    // A visitor writes in a conversation of their own, and on no terms.
    ...(forAgents ? { forbidden: 'You may not write here.', stale: 'Somebody has written since.' } : {}),
    other: 'The server refused this message.',
  },
  stuck: 'A message could not be sent.',
  showStuck: 'Show it',
  retry: 'Retry',
  discard: 'Discard',
  attach: 'Attach files',
  drop: 'Drop the files here',
  removeFile: (name: string) => `Remove ${name}`,
  showImage: (name: string) => `Image ${name}: open it`,
  download: (name: string) => `File ${name}: save it`,
  uploading: (percent: number) => `Uploading, ${percent}%`,
  fileFailed: 'The file could not be loaded. Try again in a moment.',
  fileTooLarge: (name: string, most: string) => `${name} is too large: ${most} at most.`,
  tooManyFiles: (most: number) => `A message takes ${most} files at most.`,
  size: sizes('en'),
  redacted: 'This message was removed',
  today: 'Today',
  yesterday: 'Yesterday',
  typing: (name: string) => `${name} is writing`,
  unread: /* @__PURE__ */ count({ one: '# unread message', other: '# unread messages' }),
  loadingOlder: 'Loading earlier messages',
  loading: 'Loading',
  send: 'Send',
  tooLong: /* @__PURE__ */ count({ one: '# character too many', other: '# characters too many' }),
  left: /* @__PURE__ */ count({ one: '# character left', other: '# characters left' }),
  newMessages: 'New messages',
  notPersistent: 'This browser does not keep unsent messages: leave this page open until they are stored.',
};
