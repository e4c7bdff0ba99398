import type { Page } from 'playwright-core';
import type { FaultProxy } from '../../test/support/fault-proxy.ts';
import { pngOf } from '../../test/support/pictures.ts';

const SAYS = {
  en: {
    first: 'Good morning, is the linen notebook in grey back in stock?',
    second: 'And do you engrave initials?',
    waiting: 'I am on a train: this one goes when there is a network again.',
    file: 'Here is the stamp I would like on the cover.',
    new: 'A question about my letter set',
    comment: 'Quick and kind, thank you.',
  },
  fr: {
    first: 'Bonjour, le carnet en lin gris est-il de nouveau disponible ?',
    second: 'Et gravez-vous des initiales ?',
    waiting: 'Je suis dans un train : celui-ci partira quand le réseau sera revenu.',
    file: 'Voici le tampon que je voudrais sur la couverture.',
    new: 'Une question sur mon coffret de lettres',
    comment: 'Rapide et aimable, merci.',
  },
} as const;

interface States {
  page: Page;
  /** What lies between the page and its server: a browser that is told to be offline leaves its sockets alone. */
  network: FaultProxy;
  adminToken: string;
  language: keyof typeof SAYS;
  settle: () => Promise<void>;
  save: (name: string) => Promise<void>;
}

/** What the widget looks like when things are not as usual: every state that a visitor may meet, on a real server. */
export const shootWidgetStates = async ({
  page,
  network,
  adminToken,
  language,
  settle,
  save,
}: States): Promise<void> => {
  const { url } = network;
  const says = SAYS[language];
  const widget = page.locator('guichet-widget');
  const field = widget.locator('textarea');
  /** The settings of the server, but for these. */
  let settings: object = {};
  await page.route('**/api/v1/widget', async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...((await answer.json()) as object), ...settings } });
  });
  const open = async (set: object): Promise<void> => {
    settings = set;
    await page.goto(`${url}/demo`);
    await widget.locator('.launcher').click();
    await settle();
  };
  const say = async (text: string): Promise<void> => {
    await field.fill(text);
    await field.press('Enter');
    await widget.locator('.message', { hasText: text }).locator('.stamp:not(.sending)').waitFor();
  };

  await open({ preChat: { name: 'required', email: 'optional' } });
  await save('widget-asks');
  const tomorrow = new Date(Date.now() + 86_400_000);
  tomorrow.setHours(9, 0, 0, 0);
  const closed = { open: false, online: false, opensAt: tomorrow.toISOString(), rating: true };
  await open(closed);
  await save('widget-out-of-hours');
  await say(says.first);
  await settle();
  await save('widget-out-of-hours-kept');

  settings = { rating: true };
  await widget.locator('.picker').setInputFiles([
    {
      name: 'engraver.exe',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from('MZ\u0000\u0001\u0002'.repeat(99)),
    },
  ]);
  await widget.locator('.chosen').waitFor();
  await field.fill(says.second);
  await field.press('Enter');
  await widget.locator('.message.failed').waitFor();
  await settle();
  await save('widget-failed');

  await network.refuse();
  await widget.locator('.connection.offline').waitFor();
  await widget
    .locator('.picker')
    .setInputFiles([{ name: 'stamp.png', mimeType: 'image/png', buffer: Buffer.from(pngOf(480, 300, [120, 60, 44])) }]);
  await field.fill(says.file);
  await field.press('Enter');
  await widget.locator('canvas.drawn').waitFor();
  await field.fill(says.waiting);
  await field.press('Enter');
  // The line about the connection comes with a delay: a blink of the network is not worth a word.
  await page.waitForTimeout(2_000);
  await settle();
  await save('widget-offline');
  await network.pass();
  await widget.locator('.message', { hasText: says.waiting }).locator('.stamp:not(.sending)').waitFor();

  const headers = { authorization: `Bearer ${adminToken}` };
  const listed = await page.context().request.get(`${url}/api/v1/conversations`, { headers });
  const { conversations } = (await listed.json()) as { conversations: { id: string }[] };
  const [{ id } = { id: '' }] = conversations;
  await page.context().request.patch(`${url}/api/v1/conversations/${id}`, { headers, data: { status: 'CLOSED' } });
  await widget.locator('.rating').waitFor();
  await settle();
  await save('widget-rating');
  await widget.locator('.score').nth(3).click();
  await widget.locator('.rating-more input').fill(says.comment);
  await save('widget-rating-given');
  await widget.locator('.rating-more button').click();
  await widget.locator('.closed-line .link').click();
  await say(says.new);
  await widget.locator('.head .icon-button').first().click();
  await settle();
  await save('widget-past');
};
