import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Asked, Settings, WidgetTexts } from '../../../src/protocol/entities.ts';
import { LANGUAGES } from '../../shared/i18n/language.ts';
import type { Desk } from '../desk.ts';
import { PageFrame } from '../page-frame.tsx';
import { words } from '../words.ts';
import { SettingsForm } from './settings-form.tsx';

const ASKED = ['off', 'optional', 'required'] as const satisfies readonly Asked[];
const TEXTS = ['greeting', 'away', 'preChat'] as const satisfies readonly (keyof WidgetTexts)[];
const HOUSE_ACCENT = '#C4391D';

/** What visitors meet: name, colour, place, words and what they are asked; and the line to put into a page. */
export const WidgetPage = ({ desk }: { desk: Desk }): JSX.Element => {
  const { widgetPage: text } = words.value;
  return (
    <PageFrame id="widget" title={text.title} lead={text.lead}>
      <Snippet />
      <SettingsForm desk={desk}>
        {(settings, change) => (
          <>
            <label class="field">
              <span>{text.teamName}</span>
              <input
                class="input"
                required
                maxLength={100}
                value={settings.teamName}
                onInput={({ currentTarget }) => change({ teamName: currentTarget.value })}
              />
            </label>
            <Accent settings={settings} change={change} />
            <label class="field">
              <span>{text.position}</span>
              <select
                class="input"
                value={settings.position}
                onChange={({ currentTarget }) => change({ position: currentTarget.value as Settings['position'] })}
              >
                <option value="right">{text.positions.right}</option>
                <option value="left">{text.positions.left}</option>
              </select>
            </label>
            {(['name', 'email'] as const).map((which) => (
              <label key={which} class="field">
                <span>{text.asks[which]}</span>
                <select
                  class="input"
                  value={settings.preChat[which]}
                  onChange={({ currentTarget }) =>
                    change({ preChat: { ...settings.preChat, [which]: currentTarget.value as Asked } })
                  }
                >
                  {ASKED.map((asked) => (
                    <option key={asked} value={asked}>
                      {text.asked[asked]}
                    </option>
                  ))}
                </select>
              </label>
            ))}
            <label class="check">
              <input
                type="checkbox"
                checked={settings.rating}
                onChange={({ currentTarget }) => change({ rating: currentTarget.checked })}
              />
              <span>{text.rating}</span>
            </label>
            {Object.entries(LANGUAGES).map(([language, name]) => (
              <fieldset key={language} class="group">
                <legend>{name}</legend>
                {TEXTS.map((which) => (
                  <label key={which} class="field">
                    <span>{text.texts[which]}</span>
                    <textarea
                      class="input"
                      rows={2}
                      lang={language}
                      maxLength={500}
                      value={settings.texts[language]?.[which] ?? ''}
                      placeholder={which === 'greeting' ? settings.greeting : undefined}
                      onInput={({ currentTarget }) =>
                        change({
                          texts: {
                            ...settings.texts,
                            [language]: { ...settings.texts[language], [which]: currentTarget.value },
                          },
                        })
                      }
                    />
                  </label>
                ))}
              </fieldset>
            ))}
          </>
        )}
      </SettingsForm>
    </PageFrame>
  );
};

const Accent = ({
  settings,
  change,
}: {
  settings: Settings;
  change: (part: Partial<Settings>) => void;
}): JSX.Element => {
  const { widgetPage: text } = words.value;
  return (
    <div class="field">
      <span id="accent-label">{text.accent}</span>
      <div class="accent-choice">
        <input
          type="color"
          aria-labelledby="accent-label"
          value={settings.accent ?? HOUSE_ACCENT}
          onInput={({ currentTarget }) => change({ accent: currentTarget.value.toUpperCase() })}
        />
        <code>{settings.accent ?? text.houseAccent}</code>
        {settings.accent !== null && (
          <button type="button" class="link" onClick={() => change({ accent: null })}>
            {text.houseAccentDo}
          </button>
        )}
      </div>
    </div>
  );
};

const Snippet = (): JSX.Element => {
  const { widgetPage: text } = words.value;
  const copied = useSignal(false);
  const line = `<script src="${location.origin}/widget.js" async></script>`;
  return (
    <div class="snippet">
      <p>{text.snippet}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways where it is narrow */}
      <pre tabIndex={0}>
        <code>{line}</code>
      </pre>
      <button
        type="button"
        class="button"
        onClick={() =>
          void navigator.clipboard.writeText(line).then(
            () => {
              copied.value = true;
            },
            () => {},
          )
        }
      >
        <span role="status">{copied.value ? text.copied : text.copy}</span>
      </button>
    </div>
  );
};
