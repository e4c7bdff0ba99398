import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useSending } from '../settings/use-form.ts';
import { useLoaded } from '../use-loaded.ts';
import { words } from '../words.ts';
import { api, say } from './say.ts';
import { Problem } from './section.tsx';

/** In the side panel: letting a visitor in or not, and what the law gives them a right to. */
export const VisitorPrivacy = ({ visitorId, isAdmin }: { visitorId: string; isAdmin: boolean }): JSX.Element => {
  const { visitor: text } = say.value;
  const block = useLoaded(() => api.visitorBlock(visitorId));
  const asks = useSignal(false);
  const sending = useSending();
  const act = (deed: () => Promise<unknown>): Promise<boolean> =>
    sending.send(async () => {
      await deed();
      block.value = await api.visitorBlock(visitorId);
    });
  const { value: found } = block;
  const address = found?.address ?? null;
  return (
    <details class="privacy">
      <summary>{text.title}</summary>
      <div class="privacy-acts">
        {found && (
          <button
            type="button"
            class="button"
            onClick={() => void act(() => api.blockVisitor(visitorId, !found.blocked))}
          >
            {found.blocked ? text.unblock : text.block}
          </button>
        )}
        {address !== null && (
          <button type="button" class="button" onClick={() => void act(() => api.blockAddress(address, true))}>
            {text.blockAddress(address)}
          </button>
        )}
        <button type="button" class="button" onClick={() => void act(() => api.revokeVisitor(visitorId))}>
          {text.signOut}
        </button>
        {isAdmin && (
          <>
            <a class="button" href={api.exportUrl(visitorId)} download="visitor.json">
              {text.export}
            </a>
            <button type="button" class="button danger" onClick={() => (asks.value = true)}>
              {text.erase}
            </button>
          </>
        )}
        <Problem sending={sending} />
        <p class="muted" role="status">
          {sending.saved.value ? text.done : ''}
        </p>
      </div>
      {asks.value && (
        <EraseDialog
          onClose={() => (asks.value = false)}
          onErase={(purge) => void act(() => api.eraseVisitor(visitorId, purge))}
        />
      )}
    </details>
  );
};

/** Asks first: it cannot be undone. */
const EraseDialog = ({ onClose, onErase }: { onClose: () => void; onErase: (purge: boolean) => void }): JSX.Element => {
  const { visitor: text } = say.value;
  const dialog = useRef<HTMLDialogElement>(null);
  const purge = useSignal(false);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="erase-ask" onClose={onClose}>
      <p id="erase-ask">
        <strong>{text.eraseAsk}</strong>
      </p>
      <p>{text.eraseLead}</p>
      <label class="check">
        <input
          type="checkbox"
          checked={purge.value}
          onChange={({ currentTarget }) => (purge.value = currentTarget.checked)}
        />
        <span>{text.eraseNow}</span>
      </label>
      <form method="dialog">
        <button type="submit" class="button">
          {words.value.cancel}
        </button>
        <button type="submit" class="button primary" onClick={() => onErase(purge.value)}>
          {text.eraseDo}
        </button>
      </form>
    </dialog>
  );
};
