import {
  type Api,
  ClientError,
  GuichetClient,
  inTurn,
  type Kept,
  type OutboxFile,
  openOutboxStorage,
  type Thread,
} from '../../src/client/index.ts';
import type { WidgetInfo } from '../../src/protocol/entities.ts';
import { byActivity, type Conversations, unreadOf } from '../shared/conversations.ts';
import { persist } from '../shared/persist.ts';
import { listConversations, VISITOR } from './conversation-list.ts';
import type { EmbedOptions } from './embed.ts';
import { isIdentityToken, subjectOf } from './identity-token.ts';
import { KeepsakeBox } from './keepsake.ts';
import type { HeardMessage, Identity, Introduction } from './script-api.ts';

/**
 * The visitor's side of the counter: what is open, what is unread, what is being written. Plain fields and one
 * listener instead of a library for state: the widget is carried by every page of somebody else's site.
 */
export interface Desk {
  readonly client: GuichetClient;
  readonly info: WidgetInfo | undefined;
  readonly conversations: Conversations;
  /** The thread on the counter; undefined before the first message of a new conversation. */
  readonly thread: Thread | undefined;
  readonly unread: number;
  /** A conversation, not the one on the counter, that holds a message which could not be sent. */
  readonly stuck: string | undefined;
  readonly draft: string;
  /** Whether a visitor is known to the server, or about to be: else the widget asks who they are. */
  readonly known: boolean;
  /** Asks again who is there: worth it whenever the panel is opened. */
  refresh(): void;
  /** Who is about to write, told with the first message. */
  introduce(who: Identity): void;
  /** What the page says of its visitor. */
  identify(who: Introduction): Promise<void>;
  rate(conversationId: string, score: number, comment: string): Promise<void>;
  write(draft: string): void;
  send(text: string, files?: readonly OutboxFile[]): void;
  select(conversationId: string | undefined): void;
}

/** On which visitor the tabs of a browser agree. */
interface KeptToken extends Kept {
  token: string;
}

const RELOAD_MS = 5_000;

/** Opens the counter; `onChange` is called whenever one of its fields has changed. */
export const openDesk = async (
  options: EmbedOptions,
  onChange: () => void,
  onMessage: (message: HeardMessage) => void,
): Promise<Desk> => {
  const subject = subjectOf(options.identityToken);
  const box = new KeepsakeBox(options.server, subject);
  const kept = box.get();
  let info: WidgetInfo | undefined;
  let thread: Thread | undefined;
  let draft = kept.draft ?? '';
  let who: Identity = {};
  let said: Identity = { identityToken: options.identityToken };
  let askPage: Introduction['renewIdentityToken'];
  /** The site vouched for somebody, and its word is over: who it is stays known here until it is given again. */
  let lapsed = !kept.token && kept.subject !== undefined;
  let known = lapsed || kept.token !== undefined;
  /** Of messages that the page has heard of, by conversation. */
  const heard = new Map<string, number>();

  const storage = await openOutboxStorage();
  /** The token that the server knows no more. */
  let refused: string | undefined;

  /** What the page says counts before what was typed. */
  const allThatIsKnown = async () => {
    const identityToken = said.identityToken ?? (await askPage?.());
    return {
      ...who,
      ...said,
      identityToken,
      locale: options.locale,
      page: { url: location.href, title: document.title },
    };
  };
  /** Makes the visitor known to the server: with the token of before, conversations come along. */
  const register = async (api: Api): Promise<string> => {
    const all = await allThatIsKnown();
    // Somebody whom the site vouches for does not become a stranger for want of its word.
    if (lapsed && !all.identityToken) throw new ClientError('unauthorized', '', 'later');
    const { token } = await api.createVisitor(all);
    // One of the site's is good for a while; the next time it is asked for another.
    if (askPage) delete said.identityToken;
    await storage.put({ id: box.key, scope: box.key, token }).catch(() => {});
    box.set({ token, ...(all.identityToken && { subject: subjectOf(all.identityToken) }) });
    lapsed = false;
    return token;
  };

  const client = new GuichetClient({
    baseUrl: options.server,
    side: 'visitor',
    owner: `visitor${box.person}`,
    storage,
    token: isIdentityToken(kept.token ?? said.identityToken) ? (said.identityToken ?? kept.token) : kept.token,
    // In turn: two tabs that write their first words at once are one visitor, with one list of conversations.
    identify: (api) =>
      inTurn(box.key, async () => {
        const [there] = await storage.load<KeptToken>(box.key).catch(() => []);
        const shared = box.get().token ?? there?.token;
        if (!shared || shared === refused) return register(api);
        // What this tab wrote before it heard of the other's may have covered it.
        box.set({ token: shared });
        return shared;
      }),
  });
  box.watch(() => {
    const { token } = box.get();
    if (!token) return;
    known = true;
    client.useToken(token);
  });

  const select = (conversationId: string | undefined): void => {
    if (thread && thread.id === conversationId) return;
    if (thread) client.close(thread.id);
    thread = conversationId === undefined ? undefined : client.open(conversationId);
    const head = conversationId === undefined ? undefined : list.all.get(conversationId);
    if (head) thread?.applyConversation(head);
    box.set({ conversationId: conversationId ?? '' });
    onChange();
  };

  /** Who is there changes; what the team has set is worth more than one attempt. */
  const refresh = (): Promise<void> =>
    persist(
      async () => {
        info = await client.api.widgetInfo();
        onChange();
      },
      () => !info,
    );

  const list = listConversations(client, onChange, () => {
    const last = box.get().conversationId;
    const newest = [...list.all.values()].sort(byActivity)[0];
    if (thread) thread.applyConversation(list.all.get(thread.id) ?? {});
    else if (last !== '') select(last !== undefined && list.all.has(last) ? last : newest?.id);
  });

  client.on('change', ({ message }) => {
    if (!message) return;
    const { id, conversationId, content, createdAt, senderType, seq, redacted } = message;
    if (senderType === 'USER' || redacted || seq <= (heard.get(conversationId) ?? 0)) return;
    heard.set(conversationId, seq);
    onMessage({ id, conversationId, content, createdAt });
  });
  /** Asks the page again for its word, until the server has heard it or refuses it. */
  const renew = async (): Promise<void> => {
    if (!lapsed || !(askPage ?? said.identityToken)) return;
    await client.makeKnown().catch((error: unknown) => {
      if (!(error instanceof ClientError) || error.code !== 'unauthorized') setTimeout(() => void renew(), RELOAD_MS);
    });
  };
  client.on('unauthorized', () => {
    const { token } = client;
    const { token: newer } = box.get();
    refused = token;
    if (newer && newer !== token) {
      // Another tab was faster.
      client.forgetToken();
      client.useToken(newer);
      return;
    }
    // Asked for again; where there is nobody to ask it is all there is.
    if (askPage && said.identityToken === token) delete said.identityToken;
    if (isIdentityToken(token)) {
      // Nothing is put away: it is the same person as soon as the site says so again.
      box.set({ token: undefined });
      client.forgetToken();
      lapsed = known;
      void renew();
      return;
    }
    // The server does not know this visitor any more: the next message makes a new one.
    box.set({ token: undefined, subject: undefined, conversationId: '' });
    known = false;
    if (thread && client.outbox.entries(thread.id).length === 0) select(undefined);
    list.clear();
    client.forgetToken();
  });
  client.outbox.on('change', onChange);
  client.connection.on('state', (state) => {
    if (state === 'live' || state === 'polling') {
      void refresh();
      // The site's word was enough: this is somebody the server knows.
      const { token } = client;
      if (token) known = true;
      if (isIdentityToken(token)) box.set({ token, subject: subjectOf(token) });
    }
    onChange();
  });

  /** The conversations of whoever this was until now come along. */
  const become = async (): Promise<void> => {
    const token = await register(client.api);
    client.forgetToken();
    client.useToken(token);
  };
  if (kept.token && subject && kept.subject !== subject) become().catch(() => {});

  // What an earlier page could not send comes first: the visitor sees that it is still waiting.
  await client.start();
  const waiting = client.outbox.entries().find(({ start }) => start);
  if (waiting) select(waiting.conversationId);
  void refresh();

  return {
    client,
    get info() {
      return info;
    },
    get conversations() {
      return list.all;
    },
    get thread() {
      return thread;
    },
    get unread() {
      return [...list.all.values()].reduce((sum, each) => sum + unreadOf(each, VISITOR), 0);
    },
    get stuck() {
      return client.outbox.stuckBeside(thread?.id);
    },
    get draft() {
      return draft;
    },
    get known() {
      return known;
    },
    refresh: () => void refresh(),
    introduce: (given) => {
      who = given;
    },
    identify: async ({ renewIdentityToken, ...given }) => {
      said = { ...said, ...given };
      askPage = renewIdentityToken ?? askPage;
      if (client.token === undefined) await renew();
      else if (given.identityToken !== undefined) await become();
      else if (Object.keys(given).length > 0) await client.api.changeVisitor(given);
    },
    rate: async (id, score, comment) => {
      const { conversation } = await client.api.rate(id, { score, ...(comment && { comment }) });
      list.take([conversation]);
    },
    write: (text) => {
      draft = text;
      box.set({ draft });
      onChange();
    },
    send: (text, files) => {
      known = true;
      if (thread) void client.send(thread.id, text, 'message', files);
      else select(client.startConversation(text, undefined, files));
    },
    select,
  };
};
