import type { Message } from '../../src/protocol/entities.ts';

/** What a page may say of its visitor. */
export interface Identity {
  name?: string;
  email?: string;
  attributes?: Record<string, string | null>;
  /** Signed by the site's server, which then vouches for the rest. */
  identityToken?: string | undefined;
}

/** What a page may say of its visitor, and how it is asked for more. */
export interface Introduction extends Identity {
  /** Asked for an identity token whenever one is needed and the one at hand was used or refused. */
  renewIdentityToken?: () => string | Promise<string>;
}

/** What a page hears of a message of the other side. */
export type HeardMessage = Pick<Message, 'id' | 'conversationId' | 'content' | 'createdAt'>;

/** What the widget does for a page's own scripts; `window.guichet`. */
export interface ScriptApi {
  open(): void;
  close(): void;
  /** Resolves when the server knows it, or at once when it will be told with the first message. */
  identify(who: Introduction): Promise<void>;
  /** Answers how to stop hearing it. */
  on(event: 'message', listener: (message: HeardMessage) => void): () => void;
  /** A call by name, as a page that was faster than this script has queued them: `['open']`. */
  push(...calls: QueuedCall[]): void;
}

type QueuedCall = readonly [name: 'open' | 'close' | 'identify' | 'on', ...unknown[]];

/**
 * Puts the interface where the page's queue was (`(window.guichet ||= []).push(['open'])`), and makes the calls that
 * wait in it. A call that fails is the page's affair: it is told in its console and keeps no other from being made.
 */
export const publish = (api: Omit<ScriptApi, 'push'>): void => {
  const place = window as unknown as { guichet?: unknown };
  const queued = place.guichet;
  const push: ScriptApi['push'] = (...calls) => {
    for (const [name, ...args] of calls) {
      try {
        (api[name] as (...given: unknown[]) => unknown)(...args);
      } catch (error) {
        console.error('guichet', name, error);
      }
    }
  };
  place.guichet = { ...api, push };
  if (Array.isArray(queued)) push(...(queued as QueuedCall[]));
};
