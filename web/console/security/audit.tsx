import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { AuditLine } from '../../../src/protocol/entities.ts';
import type { Desk } from '../desk.ts';
import { times } from '../words.ts';
import { api, say } from './say.ts';
import { Section } from './section.tsx';

const PAGE = 30;

/** Who did what, newest first, page by page. */
export const Audit = ({ desk }: { desk: Desk }): JSX.Element => {
  const { guard: text } = say.value;
  const lines = useSignal<readonly AuditLine[]>([]);
  const before = useSignal<number | null>(null);
  const load = async (from?: number): Promise<void> => {
    const page = await api.audit({ before: from, limit: PAGE });
    lines.value = [...lines.value, ...page.entries];
    before.value = page.before;
  };
  useEffect(() => {
    void load().catch(() => {});
  }, []);
  const who = ({ by }: AuditLine): string => {
    if (by.type === 'system') return text.system;
    if (by.type === 'visitor') return text.visitor;
    return desk.catalogue.agents.value.get(by.id)?.name ?? text.automation;
  };
  const about = ({ about: id, by }: AuditLine): string =>
    id === null || id === by.id ? '' : (desk.catalogue.agents.value.get(id)?.name ?? id);
  return (
    <Section title={text.audit}>
      <ul class="entries">
        {lines.value.map((line) => (
          <li key={line.number} class="entry">
            <div class="entry-text">
              <span>
                <strong>
                  <bdi>{who(line)}</bdi>
                </strong>{' '}
                {text.actions[line.action] ?? line.action}
              </span>
              <small class="muted">
                <time dateTime={line.at}>{times.value.full(line.at)}</time>
                {[about(line), line.detail].filter(Boolean).map((part) => (
                  <bdi key={part}> · {part}</bdi>
                ))}
              </small>
            </div>
          </li>
        ))}
      </ul>
      {before.value !== null && (
        <button type="button" class="button" onClick={() => void load(before.value ?? undefined).catch(() => {})}>
          {text.more}
        </button>
      )}
    </Section>
  );
};
