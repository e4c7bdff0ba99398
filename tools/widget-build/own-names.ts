import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Names of properties that never leave the widget: not on the wire, not in the browser's storage, not towards the page,
 * and of no object of the browser. The build gives them short ones. A name that is missing here costs a few bytes and
 * nothing else; a name that is here and should not be is found by {@link mustBeOurs} or by the tests in a browser.
 */
const NAMES = `
  agreed answerWithinMs api apply applyConversation applyFrame applyPage applyRead applyStored atEnd atOnce attach
  attempt backoffCapMs baseMs baseUrl brief capMs changeVisitor children cleanUp client clock closed connection
  createVisitor current defaultGreeting deliver deps depth desk dirty discard draining due emit entry eventText
  failures fileFailed fileTooLarge fillGaps first focusKey forgetPresence forgetToken gone hasOlder hide hooks imageFailed inTurn info
  introduce introduceFirst isNamed item items lead listen loadBackTo loadFailed loadOlder loading loadingOlder makeKnown markDurable
  maySend missingAfter nameOf named newConversation newMessages nobodyHere node notPersistent onCaret onClose onDiscard
  onDraft onKey onPick onProgress onRedact onRemove onRetry onSeen onSend onToggle onTyping openTimeoutMs
  otherOnline outbox own owner pause persistent pingEveryMs pollEveryMs pongWithinMs probe props rateFailed
  rateWhy rated ready recheckMs redactLabel refresh refused reload removeFile resting resume retryAfterMs run schedule
  settle settled share show showImage showStuck silent silentRetryMs socketClosed socketRetryMs socketUrl soon
  scroller startConversation startNew states stop storage stuck stuckBeside targeted thread timeoutMs timer times today toEnd
  tooLong tooManyFiles tooSlow typists uploading useToken visitorToken waitSeconds wake wakePongMs widgetInfo words
  writeRefused yesterday you
`;

/** What goes over the wire, is kept, or is said between page and widget. */
const OTHERS = [
  'src/protocol/entities.ts',
  'src/protocol/frames.ts',
  'web/widget/keepsake.ts',
  'web/widget/script-api.ts',
];
/** Of sessions of agents, which the widget never sees. */
const ONLY_AGENTS = new Set(['client', 'current']);

const read = (path: string): string => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');

/** The names, after a look whether one of them has come to mean something outside. */
export const ownNames = (): string[] => {
  const names = NAMES.trim().split(/\s+/);
  const code = OTHERS.map(read)
    .join('\n')
    .replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
  const known = new Set(
    [...code.matchAll(/^\s*(?:readonly )?(\w+)\??:|[{,;] (?:readonly )?(\w+)\??:/gm)].map((m) => m[1] ?? m[2]),
  );
  const taken = names.filter((name) => known.has(name) && !ONLY_AGENTS.has(name));
  if (taken.length > 0)
    throw new Error(`These names are not the widget's own (tools/widget-build/own-names.ts): ${taken.join(', ')}.`);
  return names;
};
