import type { ComponentChildren, JSX } from 'preact';
import { BackIcon } from '../shared/icons.tsx';
import { listHref } from './route.ts';
import { words } from './words.ts';

/** A page beside the conversations: its title, the way back, and what it holds. */
export const PageFrame = ({
  id,
  title,
  lead,
  busy = false,
  children,
}: {
  id: string;
  title: string;
  lead?: string;
  busy?: boolean;
  children: ComponentChildren;
}): JSX.Element => (
  <section class="page" aria-labelledby={`${id}-title`} aria-busy={busy}>
    <div class="page-head">
      <a class="icon-button" href={listHref()} aria-label={words.value.back} title={words.value.back}>
        <BackIcon />
      </a>
      <h2 id={`${id}-title`}>{title}</h2>
    </div>
    {lead && <p class="page-lead muted">{lead}</p>}
    {children}
  </section>
);
