import Type from 'typebox';
import { putLabel } from '../../domain/actions/labels.ts';
import { labelView } from '../../live/people.ts';
import { Label } from '../../protocol/entities.ts';
import { ok, operation } from '../operation.ts';
import { closed } from '../schema.ts';

export const getLabels = operation({
  summary: 'All labels, also those that are offered no more',
  answers: { 200: Type.Object({ labels: Type.Array(Label) }) },
  run: async ({ running }) => ok({ labels: (await running.chat.store.entries('label')).map(labelView) }),
});

export const changeLabel = operation({
  summary: 'Makes a label or changes it; conversations bear it by its id',
  params: closed({ id: Type.String() }),
  body: closed({
    name: Label.properties.name,
    color: Label.properties.color,
    archived: Type.Optional(Label.properties.archived),
  }),
  answers: { 200: Type.Object({ label: Label }) },
  run: async ({ actor, params, body, running }) =>
    ok({ label: await putLabel(running.chat, actor, { archived: false, ...body, id: params.id }) }),
});
