/** What the start page and the demo page say. */
export const pages = {
  startTitle: 'Guichet is open.',
  startLead: 'A support chat on your own server. Visitors write from your pages, your team answers from the console.',
  openConsole: 'Open the console',
  openConsoleHint: 'for those who answer',
  openDemo: 'See the demo page',
  openDemoHint: 'for trying it as a visitor',
  embedTitle: 'Put it on your site',
  embedLead: 'One line before the end of the body:',
  copy: 'Copy',
  copied: 'Copied',
  promiseTitle: 'What a tick means',
  promises: {
    stored: 'One tick: the message is on disk. Not “sent”: stored.',
    delivered: 'Two: the other side has received it.',
    read: 'Two in colour: it has been read.',
    unsaved: 'A dotted ring: the disk does not answer, and you are told.',
  },
  docs: 'Interface for programs',
  demo: {
    title: 'Maison Loriot, paper goods',
    nav: ['Notebooks', 'Inks', 'Letter sets'],
    headline: 'Paper that waits for your words.',
    lead: 'Sewn by hand in a small workshop, ruled or plain, and sent within two days.',
    items: [
      { name: 'Field notebook', about: '96 pages, thread-sewn, grey linen', price: '€14' },
      { name: 'Iron-gall ink', about: '50 ml, blue-black, darkens as it dries', price: '€11' },
      { name: 'Letter set', about: '20 sheets and envelopes, laid paper', price: '€18' },
    ],
    ask: 'A question about an order? The counter is at the bottom of the page.',
    fiction: 'Maison Loriot does not exist: this page shows the Guichet widget at work.',
  },
};
