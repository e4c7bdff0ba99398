import type Type from 'typebox';
import { ERRORS } from '../domain/errors.ts';
import * as entities from '../protocol/entities.ts';
import type { Operation } from './operation.ts';
import { ROUTES, type Route } from './routes.ts';

type Json = Record<string, unknown>;

/** One operation of the document, with what the readable page shows of it. */
export interface DocumentedOperation extends Json {
  readonly summary: string;
  readonly 'x-who': string;
}

export interface OpenApiDocument extends Json {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
}

/** Wire entities are named once in the document, and referred to wherever they are used. */
const NAMES = new Map<unknown, string>(
  Object.entries(entities as Record<string, unknown>)
    .filter(([, schema]) => isSchema(schema))
    .map(([name, schema]) => [schema, name]),
);

function isSchema(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** The contract as OpenAPI 3.1, made of the route table: a call that is not in it does not exist. */
export const openApiDocument = (base: string): OpenApiDocument => {
  const paths: Record<string, Record<string, DocumentedOperation>> = {};
  for (const route of ROUTES) {
    const [method, path] = route;
    const template = path.replace(/:(\w+)/g, '{$1}');
    paths[template] = { ...paths[template], [method.toLowerCase()]: documented(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Guichet', version: '1', description: 'The public calls of a Guichet server.' },
    servers: [{ url: base }],
    paths,
    components: {
      schemas: Object.fromEntries([...NAMES].map(([schema, name]) => [name, contentOf(schema)])),
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: "A visitor's or agent's token, or ADMIN_TOKEN" },
        cookie: { type: 'apiKey', in: 'cookie', name: 'guichet_session', description: 'The console' },
      },
      responses: { Problem: problemAnswer() },
    },
  };
};

const documented = ([method, path, who, operation]: Route): DocumentedOperation => ({
  operationId: `${method.toLowerCase()}${path.replace(/[/:]+(\w)/g, (_, first: string) => first.toUpperCase())}`,
  summary: operation.summary,
  'x-who': who,
  security: who === 'anyone' ? [] : [{ token: [] }, { cookie: [] }],
  parameters: [...parametersOf(operation.params, 'path'), ...parametersOf(operation.query, 'query')],
  ...(operation.raw && { requestBody: { required: true, content: { 'application/octet-stream': {} } } }),
  ...(operation.body && { requestBody: { required: true, content: json(operation.body) } }),
  responses: { ...answersOf(operation), default: { $ref: '#/components/responses/Problem' } },
});

const parametersOf = (fields: Type.TObject | undefined, place: 'path' | 'query'): Json[] =>
  Object.entries(fields?.properties ?? {}).map(([name, schema]) => ({
    name,
    in: place,
    required: fields?.required?.includes(name) ?? false,
    schema: refer(schema),
  }));

const answersOf = ({ answers }: Operation): Json =>
  Object.fromEntries(
    Object.entries(answers).map(([status, schema]) => {
      const description = DESCRIPTIONS[status] ?? '';
      return [status, schema === null ? { description } : { description, content: json(schema) }];
    }),
  );

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  200: 'Done, or done before',
  201: 'Made',
  204: 'Done; nothing to tell',
  304: 'What the caller has is what there is',
};

const problemAnswer = (): Json => ({
  description: `An error: ${Object.keys(ERRORS).join(', ')}`,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

const json = (schema: Type.TSchema): Json => ({ 'application/json': { schema: refer(schema) } });

/** A schema for the document: a reference where it has a name there. */
const refer = (schema: unknown): unknown => {
  const name = NAMES.get(schema);
  return name === undefined ? contentOf(schema) : { $ref: `#/components/schemas/${name}` };
};

const contentOf = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(refer);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, refer(value)]));
};
