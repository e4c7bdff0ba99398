import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { encode } from 'uqr';
import { Loading } from '../loading.tsx';
import { FormEnd } from '../settings/form-end.tsx';
import { useSending } from '../settings/use-form.ts';
import { useLoaded } from '../use-loaded.ts';
import { api, say } from './say.ts';
import { onSend, SecretField, Section } from './section.tsx';

/** Switching the second factor on, with an app that reads a picture, and off again. */
export const SecondFactor = (): JSX.Element => {
  const { account: text } = say.value;
  const state = useLoaded(() => api.secondFactor());
  const begun = useSignal<{ secret: string; uri: string } | undefined>(undefined);
  const codes = useSignal<readonly string[]>([]);
  const sending = useSending();
  const enabled = state.value?.enabled === true;
  const begin = onSend(({ password = '' }) => {
    void sending.send(async () => {
      if (enabled) await api.endSecondFactor(password);
      else begun.value = await api.beginSecondFactor(password);
      codes.value = [];
      state.value = await api.secondFactor();
    });
  });
  const confirm = onSend(({ code = '' }) => {
    void sending.send(async () => {
      codes.value = (await api.confirmSecondFactor(code)).recoveryCodes;
      begun.value = undefined;
      state.value = await api.secondFactor();
    });
  });

  if (state.value === undefined) {
    return (
      <Section title={text.factor}>
        <Loading />
      </Section>
    );
  }
  return (
    <Section title={text.factor} lead={enabled ? text.factorOn(state.value.recoveryCodesLeft) : text.factorOff}>
      {codes.value.length > 0 && (
        <div class="plain">
          <p>{text.recovery}</p>
          <pre class="once">{codes.value.join('\n')}</pre>
        </div>
      )}
      {begun.value ? (
        <form class="plain" onSubmit={confirm}>
          <p>{text.scan}</p>
          <Qr text={begun.value.uri} label={text.qr} />
          <pre class="once">{begun.value.secret.replace(/(.{4})(?=.)/g, '$1 ')}</pre>
          <SecretField name="code" label={text.code} autocomplete="one-time-code" />
          <FormEnd sending={sending} submit={text.confirm} />
        </form>
      ) : (
        <form key={String(enabled)} class="plain" onSubmit={begin}>
          <SecretField name="password" label={text.yourPassword} autocomplete="current-password" />
          <FormEnd sending={sending} submit={enabled ? text.factorEnd : text.factorBegin} />
        </form>
      )}
    </Section>
  );
};

/** A QR code as one path, dark on light in every theme: that is what cameras read. */
const Qr = ({ text, label }: { text: string; label: string }): JSX.Element => {
  const { data, size } = encode(text, { border: 3 });
  const squares = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={squares.join('')} fill="#000" />
    </svg>
  );
};
