import { plainLine } from '../../protocol/plain-line.ts';

/** A file that a message names: its content is kept apart, by its hash. Part of the message, so immutable with it. */
export interface Attachment {
  /** SHA-256 of the content, as 64 hex digits. */
  readonly id: string;
  /** As the sender's device calls it. */
  readonly name: string;
  /** Media type, found in the content; what the sender says of it does not count. */
  readonly type: string;
  /** In bytes. */
  readonly size: number;
  /** In pixels as it is shown; only of images that may be shown beside the text. */
  readonly width?: number;
  readonly height?: number;
}

/** With a fixed order of keys, whatever order the fields were given in. */
export const encodeAttachment = ({ id, name, type, size, width, height }: Attachment): string => {
  const dimensions = width === undefined || height === undefined ? '' : `,"width":${width},"height":${height}`;
  return `{"id":"${id}","name":${JSON.stringify(name)},"type":${JSON.stringify(type)},"size":${size}${dimensions}}`;
};

/** Whether two messages name the same files under the same names, in the same order; all else follows from the content. */
export const sameAttachments = (a: readonly Attachment[] = [], b: readonly Attachment[] = []): boolean =>
  a.length === b.length && a.every(({ id, name }, i) => id === b[i]!.id && plainLine(name) === plainLine(b[i]!.name));
