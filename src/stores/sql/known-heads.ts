import type { ConversationHead } from '../../domain/model/conversation.ts';

/** Kept from the last batches and views, so that a batch need not ask for them again. */
const KEPT = 20_000;

/** Conversations as they stood at one position of the log. */
export class KnownHeads {
  #position = -1;
  readonly #heads = new Map<string, ConversationHead>();

  /** Which position they are of; -1 when nothing is known. */
  get position(): number {
    return this.#position;
  }

  /** Those that are known of these. */
  among(ids: readonly string[]): Map<string, ConversationHead> {
    return new Map(ids.flatMap((id) => (this.#heads.has(id) ? [[id, this.#heads.get(id)!]] : [])));
  }

  /** More of them, as they stand at `position`; what was known of any other place is forgotten. */
  keep(position: number, heads: ReadonlyMap<string, ConversationHead>): void {
    if (this.#position !== position || this.#heads.size > KEPT) this.#heads.clear();
    this.#add(position, heads);
  }

  /** A batch of ours led to `position`: those that it did not touch are as they were. */
  move(position: number, heads: ReadonlyMap<string, ConversationHead>): void {
    if (this.#heads.size > KEPT) this.#heads.clear();
    this.#add(position, heads);
  }

  forget(): void {
    this.#heads.clear();
    this.#position = -1;
  }

  #add(position: number, heads: ReadonlyMap<string, ConversationHead>): void {
    this.#position = position;
    for (const [id, head] of heads) this.#heads.set(id, head);
  }
}
