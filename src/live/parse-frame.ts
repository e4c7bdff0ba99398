import Compile from 'typebox/compile';
import { GuichetError } from '../domain/errors.ts';
import { type ClientFrame, clientFrames } from '../protocol/frames.ts';

const validators = Object.fromEntries(
  Object.entries(clientFrames).map(([type, schema]) => [type, Compile(schema)]),
) as Record<string, ReturnType<typeof Compile>>;

/** A frame of a client, checked against its schema. @throws GuichetError `protocol` or `invalid`, which says where */
export const parseFrame = (text: string): ClientFrame => {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch (cause) {
    throw new GuichetError('protocol', 'A frame is one JSON object.', { cause });
  }
  const type = (frame as { type?: unknown } | null)?.type;
  const validator = typeof type === 'string' && Object.hasOwn(validators, type) ? validators[type] : undefined;
  if (validator === undefined) throw new GuichetError('protocol', 'This server knows no frame of that type.');
  if (!validator.Check(frame)) {
    const [first] = validator.Errors(frame);
    throw new GuichetError('invalid', `${String(type)}${first?.instancePath ?? ''}: ${first?.message ?? 'not valid'}.`);
  }
  return frame as ClientFrame;
};
