import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Desk } from '../desk.ts';
import { Loading } from '../loading.tsx';
import { PageFrame } from '../page-frame.tsx';
import { FormEnd } from '../settings/form-end.tsx';
import { useSending } from '../settings/use-form.ts';
import { useLoaded } from '../use-loaded.ts';
import { times } from '../words.ts';
import { Audit } from './audit.tsx';
import { api, say } from './say.ts';
import { Entries, onSend, Section } from './section.tsx';
import { useList } from './use-list.ts';

/** What admins keep an eye on: how long contents are kept, who is not let in, and who did what. */
export const GuardPage = ({ desk }: { desk: Desk }): JSX.Element => {
  const { guard: text } = say.value;
  if (desk.me.role !== 'admin')
    return <PageFrame id="guard" title={text.title} lead={text.adminsOnly} children={null} />;
  return (
    <PageFrame id="guard" title={text.title}>
      <Retention />
      <Blocks />
      <Audit desk={desk} />
    </PageFrame>
  );
};

const Retention = (): JSX.Element => {
  const { guard: text } = say.value;
  const kept = useLoaded(() => api.retention());
  const preview = useSignal('');
  const sending = useSending();
  if (kept.value === undefined) {
    return (
      <Section title={text.retention} lead={text.retentionLead}>
        <Loading />
      </Section>
    );
  }
  const { closedForDays: days } = kept.value;
  const choose = (closedForDays: number | null): void => {
    kept.value = { closedForDays };
    preview.value = '';
  };
  const look = (): Promise<boolean> =>
    sending.send(async () => {
      const found = await api.previewRetention(days ?? 1);
      preview.value = text.previewed(text.conversations(found.conversations), text.messages(found.messages));
    });
  return (
    <Section title={text.retention} lead={text.retentionLead}>
      <form class="plain" onSubmit={onSend(() => void sending.send(() => api.putRetention(days)))}>
        <label class="check">
          <input type="radio" name="keep" checked={days === null} onChange={() => choose(null)} />
          <span>{text.keepForEver}</span>
        </label>
        <label class="check">
          <input type="radio" name="keep" checked={days !== null} onChange={() => choose(days ?? 365)} />
          <span>{text.deleteAfter}</span>
        </label>
        {days !== null && (
          <div class="form-end">
            <input
              class="input short"
              type="number"
              min={1}
              max={36_500}
              required
              aria-label={text.deleteAfter}
              value={days}
              onInput={({ currentTarget }) => choose(Number(currentTarget.value))}
            />
            <button type="button" class="button" onClick={() => void look()}>
              {text.preview}
            </button>
            <span class="muted" role="status">
              {preview.value}
            </span>
          </div>
        )}
        <FormEnd sending={sending} />
      </form>
    </Section>
  );
};

const Blocks = (): JSX.Element => {
  const { guard: text } = say.value;
  const { items, sending, act } = useList(async () => (await api.blockedAddresses()).addresses);
  const add = onSend(({ address = '' }, form) => {
    void act(() => api.blockAddress(address.trim(), true)).then((done) => {
      if (done) form.reset();
    });
  });
  return (
    <Section title={text.blocks} lead={text.blocksLead}>
      <Entries
        items={items.value}
        none={text.noBlocks}
        keyOf={({ address }) => address}
        draw={({ address, at }) => ({
          title: address,
          more: times.value.full(at),
          act: text.unblock,
          onAct: () => void act(() => api.blockAddress(address, false)),
        })}
      />
      <form class="plain" onSubmit={add}>
        <label class="field">
          <span>{text.address}</span>
          <input class="input" name="address" required maxLength={45} autocomplete="off" />
        </label>
        <FormEnd sending={sending} submit={text.block} />
      </form>
    </Section>
  );
};
