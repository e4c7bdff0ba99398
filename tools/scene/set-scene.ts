import type { Actor } from '../../src/domain/access.ts';
import { SYSTEM } from '../../src/domain/access.ts';
import { addAgent } from '../../src/domain/actions/add-agent.ts';
import { changeConversation } from '../../src/domain/actions/change-conversation.ts';
import { changeSettings } from '../../src/domain/actions/change-settings.ts';
import { markRead } from '../../src/domain/actions/mark-read.ts';
import { postMessage } from '../../src/domain/actions/post-message.ts';
import { registerVisitor } from '../../src/domain/actions/register-visitor.ts';
import { startConversation } from '../../src/domain/actions/start-conversation.ts';
import type { Chat } from '../../src/domain/chat.ts';
import { GroupCommit } from '../../src/domain/group-commit.ts';
import { createStore } from '../../src/stores/open-store.ts';
import { AGENTS, type SceneConversation, scenes } from './scene.ts';

/** Where the conversation that the pictures are about is, and whose it is. */
export interface Stage {
  conversationId: string;
  visitorId: string;
}

export const PASSWORD = 'the paper is patient';
const MINUTE_MS = 60_000;

/** Writes a scene into an empty data directory, each message at its own time of the past day or two. */
export const setScene = async (dataDir: string, language: keyof typeof scenes): Promise<Stage> => {
  const store = createStore({ kind: 'file', path: dataDir, name: `file:${dataDir}` });
  const began = Date.now();
  let now = 0;
  const log = new GroupCommit(store, await store.open(), { now: () => now });
  const chat: Chat = { store, log };
  const actors = new Map<string, Actor>();
  const steps: { ago: number; run: () => Promise<void> }[] = [];
  const stages: Stage[] = [];

  now = began - 4000 * MINUTE_MS;
  await changeSettings(chat, SYSTEM, { teamName: 'Maison Loriot', greeting: '', accent: null });
  for (const { key, name, email } of AGENTS) {
    const agent = await addAgent(chat, SYSTEM, { name, email, role: 'admin', password: PASSWORD });
    actors.set(key, { type: 'agent', id: agent.id, role: 'admin' });
  }
  for (const scene of scenes[language]) {
    const visitor = await registerVisitor(chat, scene.visitor);
    const stage = { conversationId: '', visitorId: visitor.id };
    stages.push(stage);
    steps.push(...stepsOf(chat, scene, stage, actors));
  }
  // A log only goes forward: the conversations are played side by side, as they would have been.
  for (const { ago, run } of steps.sort((a, b) => b.ago - a.ago)) {
    now = began - ago * MINUTE_MS;
    await run();
  }
  await log.close();
  await store.close();
  return stages[0]!;
};

const stepsOf = (chat: Chat, scene: SceneConversation, stage: Stage, actors: ReadonlyMap<string, Actor>) => {
  const visitor: Actor = { type: 'visitor', id: stage.visitorId };
  const agentId = scene.agent === undefined ? null : actors.get(scene.agent)!.id;
  const steps = scene.messages.map(({ ago, from, text, note }, index) => ({
    ago,
    run: async (): Promise<void> => {
      if (index > 0) {
        const actor = from === 'visitor' ? visitor : actors.get(from)!;
        await postMessage(chat, actor, stage.conversationId, { content: text, kind: note ? 'note' : 'message' });
        return;
      }
      const { head } = await startConversation(chat, visitor, { message: { content: text } });
      stage.conversationId = head.conversation.id;
    },
  }));
  const last = scene.messages.at(-1)!.ago;
  if (agentId !== null) {
    const run = async (): Promise<void> => {
      await changeConversation(chat, actors.get(scene.agent!)!, stage.conversationId, { agentId });
    };
    steps.push({ ago: scene.messages[0]!.ago, run });
  }
  if (scene.status !== undefined) {
    const { status } = scene;
    const run = async (): Promise<void> => {
      await changeConversation(chat, actors.get(scene.agent ?? 'camille')!, stage.conversationId, { status });
    };
    steps.push({ ago: last, run });
  }
  // The visitor has read all but the newest answers.
  if (last > 1) steps.push({ ago: last - 1, run: () => markRead(chat, visitor, stage.conversationId, 1e9) });
  return steps;
};
