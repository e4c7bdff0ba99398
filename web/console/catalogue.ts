import { type ReadonlySignal, signal } from '@preact/signals';
import type { DeskApi } from '../../src/client/index.ts';
import type { Agent, CannedReply, Change, Label, Settings } from '../../src/protocol/entities.ts';

/** What a team has agreed on: small enough to be held whole, and told by the feed when it changes. */
export interface Catalogue {
  agents: ReadonlySignal<ReadonlyMap<string, Agent>>;
  labels: ReadonlySignal<ReadonlyMap<string, Label>>;
  /** Those that are offered, in order of their shortcuts. */
  replies: ReadonlySignal<readonly CannedReply[]>;
  settings: ReadonlySignal<Settings | undefined>;
  load(): Promise<void>;
  apply(change: Change): void;
}

const byId = <T extends { id: string }>(list: readonly T[]): ReadonlyMap<string, T> =>
  new Map(list.map((each) => [each.id, each]));

const offered = (replies: readonly CannedReply[]): readonly CannedReply[] =>
  replies.filter(({ archived }) => !archived).sort((a, b) => a.shortcut.localeCompare(b.shortcut));

export const createCatalogue = (api: DeskApi): Catalogue => {
  const agents = signal<ReadonlyMap<string, Agent>>(new Map());
  const labels = signal<ReadonlyMap<string, Label>>(new Map());
  const replies = signal<readonly CannedReply[]>([]);
  const settings = signal<Settings>();
  const apply = ({ agent, label, cannedReply, settings: chosen }: Change): void => {
    if (agent) agents.value = new Map(agents.peek()).set(agent.id, agent);
    if (label) labels.value = new Map(labels.peek()).set(label.id, label);
    if (cannedReply) {
      const others = replies.peek().filter(({ id }) => id !== cannedReply.id);
      replies.value = offered([...others, cannedReply]);
    }
    if (chosen) settings.value = chosen;
  };
  /** What was told while the lists were on their way, which may be older; undefined while they are not. */
  let meanwhile: Change[] | undefined;
  return {
    agents,
    labels,
    replies,
    settings,
    load: async () => {
      const told: Change[] = [];
      meanwhile = told;
      try {
        const [people, signs, texts, chosen] = await Promise.all([
          api.agents(),
          api.labels(),
          api.cannedReplies(),
          api.settings(),
        ]);
        agents.value = byId(people.agents);
        labels.value = byId(signs.labels);
        replies.value = offered(texts.cannedReplies);
        settings.value = chosen.settings;
        for (const change of told) apply(change);
      } finally {
        if (meanwhile === told) meanwhile = undefined;
      }
    },
    apply: (change) => {
      meanwhile?.push(change);
      apply(change);
    },
  };
};
