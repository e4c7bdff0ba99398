import { parentPort } from 'node:worker_threads';
import type { SearchPlan } from '../../../domain/state/message-search.ts';
import { type Found, type Indexed, WordIndex } from './word-index.ts';

/** What the thread of the index is asked, one after the other. */
export type Question =
  | { readonly ask: 'open'; readonly path: string; readonly log: string }
  | { readonly ask: 'add'; readonly messages: readonly Indexed[]; readonly through: number }
  | { readonly ask: 'find'; readonly plan: Pick<SearchPlan, 'terms' | 'behind'>; readonly limit: number }
  | { readonly ask: 'close' };

/** In the order of the questions. */
export type Reply =
  | { readonly through: number }
  | { readonly found: readonly Found[] }
  | { readonly error: string; readonly code: number | undefined };

let index: WordIndex | undefined;

const answer = (question: Question): Reply => {
  switch (question.ask) {
    case 'open':
      index = new WordIndex(question.path);
      return { through: index.begin(question.log) };
    case 'add':
      index!.add(question.messages, question.through);
      return { through: question.through };
    case 'find':
      return { found: index!.find(question.plan, question.limit) };
    case 'close':
      index?.close();
      index = undefined;
      return { through: 0 };
  }
};

parentPort!.on('message', (question: Question) => {
  let reply: Reply;
  try {
    reply = answer(question);
  } catch (error) {
    reply = { error: String(error), code: (error as { errcode?: number }).errcode };
  }
  parentPort!.postMessage(reply);
});
