import Type from 'typebox';
import { auditPage } from '../../domain/actions/audit-log.ts';
import { eraseWhole } from '../../domain/actions/erase-visitor.ts';
import { exportVisitor } from '../../domain/actions/export-visitor.ts';
import { applyRetention, changeRetention, currentRetention, previewRetention } from '../../domain/actions/retention.ts';
import { AuditLine } from '../../protocol/entities.ts';
import { ok, operation } from '../operation.ts';
import { closed } from '../schema.ts';
import { Limit, limitOf } from './shared.ts';

const VisitorParams = closed({ id: Type.String({ description: 'id of the visitor' }) });
const Figures = Type.Object({ conversations: Type.Integer(), messages: Type.Integer() });
const Days = Type.Union([Type.Integer(), Type.Null()], {
  description: 'days after which contents of closed conversations are deleted; null: never',
});

export const postErase = operation({
  summary:
    'Erases a visitor and all that was written in their conversations, for good; `purge` also takes it out of the ' +
    'history of the stores now',
  params: VisitorParams,
  body: closed({ purge: Type.Optional(Type.Boolean()) }),
  answers: { 200: Type.Object({ ...Figures.properties, purged: Type.Boolean() }) },
  async run({ actor, params, body, running }) {
    const { chat, erasures } = running;
    const how = { purge: body.purge === true, dryRun: false };
    return ok(await eraseWhole(chat, actor, params.id, how, (...more) => erasures.add(...more)));
  },
});

export const getExport = operation({
  summary: 'Everything that is kept about a visitor, as one JSON document',
  params: VisitorParams,
  answers: { 200: Type.Object({ exportedAt: Type.String() }, { additionalProperties: true }) },
  async run({ actor, params, running }) {
    const stream = await exportVisitor(running.chat, actor, params.id);
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      'content-disposition': 'attachment; filename="visitor.json"',
    };
    return { status: 200, stream, headers };
  },
});

export const getAudit = operation({
  summary: 'Who did what, newest first',
  query: closed({ before: Type.Optional(Type.Integer({ minimum: 1 })), limit: Limit }),
  answers: {
    200: Type.Object({ entries: Type.Array(AuditLine), before: Type.Union([Type.Integer(), Type.Null()]) }),
  },
  async run({ actor, query, running }) {
    const { entries, before } = await auditPage(running.chat, actor, { before: query.before, limit: limitOf(query) });
    return ok({ entries: entries.map((entry) => ({ ...entry, id: undefined })), before });
  },
});

const Policy = Type.Object({ closedForDays: Days });

export const getRetention = operation({
  summary: 'How long contents are kept',
  answers: { 200: Policy },
  run: async ({ running }) => ok({ closedForDays: await currentRetention(running.chat) }),
});

export const putRetention = operation({
  summary: 'Changes how long contents are kept; applied within a day',
  body: closed({ closedForDays: Days }),
  answers: { 200: Policy },
  async run({ actor, body, running }) {
    await changeRetention(running.chat, actor, body.closedForDays);
    return ok({ closedForDays: await currentRetention(running.chat) });
  },
});

export const previewOfRetention = operation({
  summary: 'What a policy would delete now; deletes nothing',
  body: closed({ closedForDays: Type.Integer() }),
  answers: { 200: Figures },
  run: async ({ actor, body, running }) => ok(await previewRetention(running.chat, actor, body.closedForDays)),
});

export const runRetention = operation({
  summary: 'Applies the policy now',
  body: closed({}),
  answers: { 200: Figures },
  run: async ({ running }) => ok(await applyRetention(running.chat)),
});
