/** What the browser keeps of a visitor between two pages. */
export interface Keepsake {
  token?: string | undefined;
  /** Whom the site calls the visitor; none before it has vouched for one. */
  subject?: string | undefined;
  /** The conversation that was open last. */
  conversationId?: string;
  /** Text that was being written. */
  draft?: string;
}

/** localStorage where it can be had; where it is refused (private windows, blocked site data) memory, for this page. */
export class KeepsakeBox {
  /** Of one visitor at one server, among all that this browser keeps. */
  readonly key: string;
  #kept: Keepsake = {};
  /** Tells apart the people of one browser: nothing for the first. */
  readonly person: string = '';

  /** `subject` as the site calls whoever sees this page, when it says so. */
  constructor(server: string, subject: string | undefined) {
    this.key = `guichet ${server}`;
    const first = this.get().subject;
    if (!subject || !first || first === subject) return;
    // Somebody else at the same browser: another token, another draft, other messages on their way.
    this.person = ` ${subject}`;
    this.key += this.person;
    this.#kept = {};
  }

  /** As it is now: another tab may have changed it. */
  get(): Keepsake {
    try {
      this.#kept = JSON.parse(localStorage.getItem(this.key) ?? '{}') as Keepsake;
    } catch {
      // Refused, or not ours any more.
    }
    return this.#kept;
  }

  /** Calls back when another tab has changed it. */
  watch(changed: () => void): void {
    addEventListener('storage', ({ key }) => {
      if (key === this.key) changed();
    });
  }

  /** An empty text forgets that entry. */
  set(news: Keepsake): void {
    this.#kept = { ...this.get(), ...news };
    try {
      localStorage.setItem(this.key, JSON.stringify(this.#kept));
    } catch {
      // This page remembers.
    }
  }
}
