import type { ChainEvent } from './chain-events.ts';

type Level = 'info' | 'warn' | 'error';

const SENTENCES: Record<ChainEvent['event'], readonly [Level, (tier: string) => string]> = {
  failed: ['warn', (tier) => `${tier} does not take part any more.`],
  left: ['warn', (tier) => `The chat goes on without ${tier}, and it is written down that it does.`],
  joined: ['info', (tier) => `${tier} holds everything and takes part again.`],
  memory: ['error', () => 'No store takes writes. What is new is in memory only, until one does.'],
  durable: ['info', (tier) => `What was in memory only is held by ${tier} now.`],
  disagrees: [
    'error',
    (tier) =>
      `${tier} holds records that the others do not know. It stays out and as it is; move it away to fill it anew.`,
  ],
  'not proven': [
    'error',
    (tier) =>
      `${tier} may hold newer messages and is not there. The chat can be read; nothing is written until it is back. ` +
      `To go on without what it alone may hold, start with --leave-behind ${tier}.`,
  ],
  proven: ['info', (tier) => `All that may hold messages are there; ${tier} holds the newest. The chat goes on.`],
  fenced: [
    'error',
    (tier) => `Another writer holds ${tier}. Nothing is stored any more until this server is started anew.`,
  ],
};

/** What a chain tells its owner, as a line of the log. */
export const sentenceOf = ({ event, tier }: ChainEvent): { level: Level; text: string } => {
  const [level, text] = SENTENCES[event];
  return { level, text: text(tier) };
};
