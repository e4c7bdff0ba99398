import type { JSX } from 'preact';
import type { AuditLine } from '../../../src/protocol/entities.ts';
import type { Desk } from '../desk.ts';
import { Loading } from '../loading.tsx';
import { useSending } from '../settings/use-form.ts';
import { useLoaded } from '../use-loaded.ts';
import { times } from '../words.ts';
import { api, say } from './say.ts';
import { Problem, Section } from './section.tsx';

const PAGE = 30;

/** Who did what, newest first, page by page. */
export const Audit = ({ desk }: { desk: Desk }): JSX.Element => {
  const { guard: text } = say.value;
  const found = useLoaded(() => api.audit({ limit: PAGE }));
  const sending = useSending();
  const more = (before: number): Promise<boolean> =>
    sending.send(async () => {
      const page = await api.audit({ before, limit: PAGE });
      found.value = { ...page, entries: [...(found.value?.entries ?? []), ...page.entries] };
    });
  const { entries, before } = found.value ?? { entries: undefined, before: null };
  const who = ({ by }: AuditLine): string => {
    if (by.type === 'system') return text.system;
    if (by.type === 'visitor') return text.visitor;
    return desk.catalogue.agents.value.get(by.id)?.name ?? text.automation;
  };
  const about = ({ about: id, by }: AuditLine): string =>
    id === null || id === by.id ? '' : (desk.catalogue.agents.value.get(id)?.name ?? id);
  return (
    <Section title={text.audit}>
      {entries === undefined && <Loading />}
      <ul class="entries">
        {entries?.map((line) => (
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
      <Problem sending={sending} />
      {before !== null && (
        <button type="button" class="button" onClick={() => void more(before)}>
          {text.more}
        </button>
      )}
    </Section>
  );
};
