import type { JSX } from 'preact';
import type { Desk } from './desk.ts';

const NO_COLOUR = '#8e8778';

/** A label as it is called and coloured now; one that the team never made is called by its id. */
export const labelOf = (desk: Desk, id: string): { id: string; name: string; color: string } =>
  desk.catalogue.labels.value.get(id) ?? { id, name: id, color: NO_COLOUR };

/** The labels of a conversation where there is little room: their colours, and their names for those who ask. */
export const LabelDots = ({ desk, labels }: { desk: Desk; labels: readonly string[] }): JSX.Element | null => {
  if (labels.length === 0) return null;
  const known = labels.map((id) => labelOf(desk, id));
  const names = known.map(({ name }) => name).join(', ');
  return (
    <span class="label-dots" role="img" aria-label={names} title={names}>
      {known.slice(0, 4).map(({ id, color }) => (
        <i key={id} style={{ background: color }} />
      ))}
    </span>
  );
};

/** A label in full. The colour is a dot beside the name: text on any colour could not always be read. */
export const LabelChip = ({ desk, id }: { desk: Desk; id: string }): JSX.Element => {
  const { name, color } = labelOf(desk, id);
  return (
    <span class="label-chip">
      <i style={{ background: color }} />
      <bdi>{name}</bdi>
    </span>
  );
};
