import type { FastifyInstance, FastifyReply } from 'fastify';
import { ERRORS } from '../domain/errors.ts';
import { API_BASE } from './api.ts';
import { type DocumentedOperation, openApiDocument } from './openapi.ts';

/** The contract for machines, and the same for reading: rendered here, so that it needs no script. */
export const registerDocs = (server: FastifyInstance): void => {
  server.get(`${API_BASE}/openapi.json`, async (_request, reply) => reply.send(openApiDocument(API_BASE)));
  const page = async (_request: unknown, reply: FastifyReply) =>
    reply
      .header(
        'content-security-policy',
        "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'",
      )
      .header('x-content-type-options', 'nosniff')
      .header('cache-control', 'no-cache')
      .type('text/html; charset=utf-8')
      .send(render());
  server.get('/docs', page);
  server.get(`${API_BASE}/docs`, page);
  server.get('/docs/style.css', async (_request, reply) =>
    reply.header('cache-control', 'no-cache').type('text/css; charset=utf-8').send(STYLE),
  );
};

const render = (): string => {
  const { paths } = openApiDocument(API_BASE);
  const calls = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => call(method, path, operation)),
  );
  const errors = Object.entries(ERRORS).map(
    ([code, { status, retry, title }]) =>
      `<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td>${retry}</td><td>${escapeHtml(title)}</td></tr>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Guichet: the API</title>
<link rel="stylesheet" href="/docs/style.css">
</head>
<body>
<main>
<h1>The API of this server</h1>
<p>JSON over HTTP under <code>${API_BASE}</code>, with <code>Authorization: Bearer TOKEN</code>. The same for machines:
<a href="${API_BASE}/openapi.json">openapi.json</a> (OpenAPI 3.1). A WebSocket for what is live:
<code>${API_BASE}/socket</code>.</p>
<h2>Calls</h2>
${calls.join('\n')}
<h2>Errors</h2>
<p>Problem details (RFC 9457) with a <code>code</code>; <code>retry</code> says whether the same call may succeed later.</p>
<table>
<thead><tr><th>code</th><th>status</th><th>retry</th><th>meaning</th></tr></thead>
<tbody>
${errors.join('\n')}
</tbody>
</table>
</main>
</body>
</html>
`;
};

interface Field {
  readonly name: string;
  readonly required: boolean;
  readonly schema: object;
}

const call = (method: string, path: string, operation: DocumentedOperation): string => {
  const body = (operation.requestBody as { content: { 'application/json'?: { schema: ObjectSchema } } } | undefined)
    ?.content['application/json']?.schema;
  const fields = [...(operation.parameters as Field[]), ...fieldsOf(body)];
  const statuses = Object.keys(operation.responses as object).filter((status) => status !== 'default');
  return `<section>
<h3><b>${method.toUpperCase()}</b> <code>${escapeHtml(path)}</code></h3>
<p>${escapeHtml(operation.summary)}. <span>${who(operation['x-who'])}; answers ${statuses.join(' or ')}.</span></p>
${fields.length === 0 ? '' : `<ul>${fields.map(field).join('')}</ul>`}
</section>`;
};

const who = (right: string): string => {
  if (right === 'anyone') return 'Anyone';
  return right === 'signedIn' ? 'Whoever has a token' : `Right <code>${escapeHtml(right)}</code>`;
};

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, object>>;
  readonly required?: readonly string[];
}

const fieldsOf = (schema: ObjectSchema | undefined): Field[] =>
  Object.entries(schema?.properties ?? {}).map(([name, property]) => ({
    name,
    required: schema?.required?.includes(name) ?? false,
    schema: property,
  }));

const field = ({ name, required, schema }: Field): string => {
  const { description } = schema as { description?: string };
  const note = description === undefined ? '' : `: ${escapeHtml(description)}`;
  return `<li><code>${escapeHtml(name)}</code> ${escapeHtml(typeOf(schema))}${required ? '' : ', optional'}${note}</li>`;
};

const typeOf = (schema: object): string => {
  const { type, anyOf, const: value, $ref, items } = schema as Record<string, unknown>;
  if (typeof $ref === 'string') return $ref.split('/').at(-1)!;
  if (Array.isArray(anyOf)) return anyOf.map((choice: object) => typeOf(choice)).join(' or ');
  if (value !== undefined) return JSON.stringify(value);
  if (type === 'array') return `list of ${typeOf(items as object)}`;
  return String(type);
};

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (character) => ENTITIES[character]!);

const STYLE = `:root { color-scheme: light dark; --paper: #faf8f4; --ink: #1e2226; --muted: #5c646d; --line: #e6e1d8; --accent: #c4391d; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #15171a; --ink: #eceae6; --muted: #a3a9b1; --line: #2c3036; --accent: #ff8a6b; }
}
body { margin: 0; background: var(--paper); color: var(--ink); font: 0.875rem/1.45 system-ui, sans-serif; }
main { max-width: 52rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { font-size: 1.75rem; line-height: 1.2; }
h2 { font-size: 1.25rem; line-height: 1.2; margin-top: 2.5rem; }
h3 { font-size: 0.875rem; margin: 0; font-weight: 400; }
h3 b { color: var(--accent); }
section { border-top: 1px solid var(--line); padding: 0.75rem 0; }
section p, section ul { margin: 0.25rem 0 0; }
section span { color: var(--muted); }
code { font-family: ui-monospace, monospace; }
a { color: var(--accent); }
table { border-collapse: collapse; width: 100%; }
th, td { border-top: 1px solid var(--line); padding: 0.375rem 0.75rem 0.375rem 0; text-align: left; vertical-align: top; }
tr:target { outline: 2px solid var(--accent); }
`;
