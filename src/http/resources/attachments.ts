import Type from 'typebox';
import { RASTER_TYPES } from '../../domain/attachments/media-type.ts';
import { GuichetError } from '../../domain/errors.ts';
import { Attachment } from '../../protocol/entities.ts';
import { addressKey } from '../budgets.ts';
import { type Answer, created, operation } from '../operation.ts';
import { closed } from '../schema.ts';
import { ConversationParams, Seq } from './shared.ts';

const { name: _, ...content } = Attachment.properties;
const Upload = Type.Object({
  ...content,
  receipt: Type.String({ description: 'shows a post that this was uploaded to this conversation' }),
});

/** A file as a post names it: what the upload answered, and a name. */
export const UploadRef = closed({ ...Attachment.properties, receipt: Type.String() });

export const postAttachment = operation({
  summary: 'Uploads the content of a file, for a message of this conversation to name',
  params: ConversationParams,
  raw: true,
  answers: { 201: Type.Object({ attachment: Upload }) },
  async run({ actor, params, request, running, context }) {
    const length = request.headers['content-length'];
    if (length === undefined) throw new GuichetError('invalid', 'The header content-length is missing.');
    const bytes = Number(length);
    await running.attachments.admit(actor, params.id, bytes);
    context.budgets.spendUpload(actor, addressKey(request.ip), bytes);
    // Not destroyed when it is not read to its end: the answer leaves by the same socket.
    const body = request.raw.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
    return created({ attachment: await running.attachments.take(params.id, body) });
  },
});

const FileParams = closed({
  ...ConversationParams.properties,
  attachmentId: Type.String({ pattern: '^[0-9a-f]{64}$' }),
});

const readFile = {
  summary: 'The content of a file that a message of this conversation names',
  query: closed({
    seq: Type.Optional({ ...Seq, description: 'of the message that names it: found at once, not searched for' }),
  }),
  answers: { 200: null, 304: null },
};

export const getAttachment = operation({
  ...readFile,
  params: FileParams,
  run: (call) => answerFile(call),
});

/** The same under an address that ends in a name, for those who save it; the name itself does not count. */
export const getNamedAttachment = operation({
  ...readFile,
  params: closed({ ...FileParams.properties, name: Type.String() }),
  run: (call) => answerFile(call),
});

type FileCall = Parameters<Parameters<typeof operation<typeof FileParams, typeof readFile.query>>[0]['run']>[0];

const answerFile = async ({ actor, params, query, request, running }: FileCall): Promise<Answer> => {
  const { attachments } = running;
  const file = await attachments.find(actor, params.id, params.attachmentId, query.seq);
  const etag = `"${file.id}"`;
  const headers = { ...HARMLESS, etag };
  if (request.headers['if-none-match'] === etag) return { status: 304, headers };
  const { size, content: stream } = await attachments.read(file);
  const isShown = RASTER_TYPES.has(file.type);
  return {
    status: 200,
    stream,
    headers: {
      ...headers,
      'content-type': file.type === 'text/plain' ? 'text/plain; charset=utf-8' : file.type,
      'content-length': String(size),
      'content-disposition': `${isShown ? 'inline' : 'attachment'}; filename*=UTF-8''${encodeName(file.name)}`,
    },
  };
};

/**
 * Whatever a file holds, it does nothing in our origin: it is what its content was found to be, it may load and run
 * nothing, and no page of another site can draw it. Kept by the browser, but asked for again each time, so that
 * somebody who may no longer see it does not.
 */
const HARMLESS = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'cache-control': 'private, no-cache',
};

/** As RFC 8187 takes it. */
const encodeName = (name: string): string =>
  encodeURIComponent(name).replace(/['()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
