import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Sending } from '../settings/use-form.ts';
import { api, say } from './say.ts';

/** What an admin does for a colleague who cannot sign in: a link for a new password, and no second factor. */
export const AgentRescue = ({ agentId, sending }: { agentId: string; sending: Sending }): JSX.Element => {
  const { agent: text } = say.value;
  const link = useSignal('');
  const make = (): Promise<boolean> =>
    sending.send(async () => {
      const { path } = await api.resetLink(agentId);
      link.value = new URL(path, location.href).href;
    });
  return (
    <div class="rescue">
      <button type="button" class="button" onClick={() => void make()}>
        {text.resetLink}
      </button>
      <button type="button" class="button" onClick={() => void sending.send(() => api.removeSecondFactor(agentId))}>
        {text.removeFactor}
      </button>
      {link.value && (
        <p role="status">
          {text.linkOnce} <code class="once">{link.value}</code>
        </p>
      )}
    </div>
  );
};
