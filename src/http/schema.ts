import type { FastifySchemaCompiler } from 'fastify';
import Type, { type Static } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import { GuichetError } from '../domain/errors.ts';

/** An object that has these fields and no others: a misspelt field is told, not lost. */
export const closed = <P extends Type.TProperties>(properties: P) =>
  Type.Object(properties, { additionalProperties: false });

export type { Static };

/**
 * Checks bodies, parameters and queries against their TypeBox schemas. Nothing is coerced, filled in or taken away in a
 * body; numbers of a query are read from their text, and only as plain decimal numbers.
 */
export const schemaValidator: FastifySchemaCompiler<Type.TObject> = ({ schema, httpPart }) => {
  // Made at the first request, so that routes nobody calls cost nothing.
  let validator: Validator<Record<never, never>, Type.TObject> | undefined;
  return (given: unknown) => {
    validator ??= Compile(schema);
    const value = httpPart === 'querystring' ? withNumbers(schema, given as Record<string, unknown>) : given;
    if (validator.Check(value)) return { value };
    return { error: new GuichetError('invalid', sentenceFor(validator.Errors(value), httpPart)) };
  };
};

const withNumbers = (schema: Type.TObject, query: Record<string, unknown>): Record<string, unknown> => {
  const isNumber = (name: string): boolean => {
    const property = schema.properties[name] as { type?: string } | undefined;
    return property?.type === 'integer';
  };
  const read = (text: unknown): unknown =>
    typeof text === 'string' && /^-?\d{1,15}$/.test(text) ? Number(text) : text;
  return Object.fromEntries(Object.entries(query).map(([name, text]) => [name, isNumber(name) ? read(text) : text]));
};

type Fault = ReturnType<Validator['Errors']>[number];

/** The first fault as a sentence that names the field. */
const sentenceFor = (faults: readonly Fault[], part: string | undefined): string => {
  const superfluous = faults.find((fault) => fault.keyword === 'additionalProperties');
  if (superfluous?.keyword === 'additionalProperties') {
    const [name = ''] = superfluous.params.additionalProperties;
    return `There is no field ${quoted(superfluous.instancePath, name)} here.`;
  }
  const [first] = faults;
  if (first === undefined) return 'The request does not have the right form.';
  if (first.keyword === 'required') {
    return `The field ${quoted(first.instancePath, first.params.requiredProperties[0] ?? '')} is missing.`;
  }
  if (first.instancePath === '') return part === 'body' ? 'The body must be a JSON object.' : `It ${first.message}.`;
  const choices = faults.filter((fault) => fault.instancePath === first.instancePath).map(choiceOf);
  const either = choices.filter((choice) => choice !== undefined);
  if (either.length > 1) return `The field ${quoted(first.instancePath)} must be one of ${either.join(', ')}.`;
  return `The field ${quoted(first.instancePath)} ${first.message}.`;
};

const choiceOf = (fault: Fault): string | undefined => {
  if (fault.keyword === 'const') return JSON.stringify(fault.params.allowedValue);
  return fault.keyword === 'type' ? String(fault.params.type) : undefined;
};

/** A JSON pointer, and a name in it, as people write it: `message.content`. */
const quoted = (pointer: string, name?: string): string => {
  const parts = pointer.split('/').slice(1);
  return JSON.stringify([...parts, ...(name === undefined ? [] : [name])].join('.'));
};
