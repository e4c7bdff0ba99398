import Type from 'typebox';
import { changeSettings, currentSettings } from '../../domain/actions/change-settings.ts';
import { isOpen, opensAt } from '../../domain/model/working-hours.ts';
import { Settings, WidgetInfo, type WidgetInfo as WidgetInfoValue } from '../../protocol/entities.ts';
import { ok, operation } from '../operation.ts';
import { closed } from '../schema.ts';

const { teamName, greeting, accent } = Settings.properties;
const TheSettings = Type.Object({ settings: Settings });

export const getSettings = operation({
  summary: 'Settings of the installation',
  answers: { 200: TheSettings },
  run: async ({ running }) => ok({ settings: await currentSettings(running.chat) }),
});

export const putSettings = operation({
  summary: 'Changes the settings of the installation; what is not named stays as it is',
  body: closed({ ...Type.Partial(Settings).properties, teamName, greeting, accent }),
  answers: { 200: TheSettings },
  run: async ({ actor, body, running }) => ok({ settings: await changeSettings(running.chat, actor, body) }),
});

export const getWidget = operation({
  summary: 'What a visitor may know before having a token',
  answers: { 200: WidgetInfo },
  async run({ running }) {
    const { autoAssign: _, workingHours, ...shown } = await currentSettings(running.chat);
    const { maxBytes, types } = running.attachments.rules;
    const now = Date.now();
    const next = opensAt(workingHours, now);
    const info: WidgetInfoValue = {
      ...shown,
      online: running.live.presence.agentsOnline,
      open: isOpen(workingHours, now),
      opensAt: next === null ? null : new Date(next).toISOString(),
      attachments: { maxBytes, types: [...types] },
    };
    return ok(info);
  },
});
