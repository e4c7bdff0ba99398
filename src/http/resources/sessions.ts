import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import { endSession } from '../../domain/actions/agent-sessions.ts';
import { resetPassword } from '../../domain/actions/reset-password.ts';
import { setUp } from '../../domain/actions/set-up.ts';
import { type SignedIn, signIn } from '../../domain/actions/sign-in.ts';
import { GuichetError } from '../../domain/errors.ts';
import { agentView } from '../../live/people.ts';
import { Agent } from '../../protocol/entities.ts';
import { sessionCookie } from '../auth/session-cookie.ts';
import { addressKey } from '../budgets.ts';
import { type Answer, created, done, operation } from '../operation.ts';
import type { HttpContext } from '../running.ts';
import { closed } from '../schema.ts';

/** Longest time that a sign-in is held back after many wrong passwords for one account. */
const HELD_BACK_MAX_MS = 3000;

const SignedInAnswer = Type.Object({ agent: Agent, token: Type.String() });

export const createSession = operation({
  summary: 'Signs an agent in',
  body: closed({
    email: Type.String(),
    password: Type.String(),
    code: Type.Optional(Type.String({ description: 'of the authenticator app, or a recovery code' })),
  }),
  answers: { 201: SignedInAnswer },
  async run({ body, request, running, context }) {
    requireOwnPage(request, context);
    const { budgets } = context;
    budgets.spend('signInsPerAddress', addressKey(request.ip));
    const account = body.email.trim().toLowerCase();
    await pause(Math.min(budgets.wait('wrongPasswordsPerAgent', account) * 1000, HELD_BACK_MAX_MS));
    try {
      const input = { ...body, client: request.headers['user-agent'] };
      const terms = {
        key: running.secondFactorKey,
        attempt: (agentId: string) => budgets.spend('codesPerAgent', agentId),
      };
      return withCookie(await signIn(running.chat, input, terms), request, context);
    } catch (error) {
      // An empty bucket holds back the next try; it must not hide from this one that the password was wrong.
      const isWrong = error instanceof GuichetError && error.code === 'unauthorized';
      if (isWrong && budgets.wait('wrongPasswordsPerAgent', account) === 0) {
        budgets.spend('wrongPasswordsPerAgent', account);
      }
      throw error;
    }
  },
});

export const deleteSession = operation({
  summary: 'Signs out: the token or cookie that comes with the call is worth nothing afterwards',
  answers: { 204: null },
  async run({ request, running, context }) {
    const token = running.authenticator.tokenOf(request.headers);
    if (token !== undefined) await endSession(running.chat, token);
    return { ...done, headers: { 'set-cookie': sessionCookie(null, isSecure(request, context)) } };
  },
});

export const firstSetUp = operation({
  summary: 'Makes the first admin, once, with the token of the set-up link in the log',
  body: closed({ token: Type.String(), email: Type.String(), name: Type.String(), password: Type.String() }),
  answers: { 201: SignedInAnswer },
  async run({ body, request, running, context }) {
    requireOwnPage(request, context);
    context.budgets.spend('signInsPerAddress', addressKey(request.ip));
    const { token, ...person } = body;
    if (running.setUpLink === undefined) throw new GuichetError('not_found');
    const client = request.headers['user-agent'];
    const signedIn = await running.setUpLink.use(token, () => setUp(running.chat, person, client));
    return withCookie(signedIn, request, context);
  },
});

export const chooseNewPassword = operation({
  summary: 'Chooses a password with the token of a link that an admin made, once',
  body: closed({ token: Type.String(), password: Type.String() }),
  answers: { 204: null },
  async run({ body, request, running, context }) {
    requireOwnPage(request, context);
    context.budgets.spend('signInsPerAddress', addressKey(request.ip));
    await resetPassword(running.chat, body.token, body.password);
    return done;
  },
});

const withCookie = ({ agent, token }: SignedIn, request: FastifyRequest, context: HttpContext): Answer => ({
  ...created({ agent: agentView(agent), token }),
  headers: { 'set-cookie': sessionCookie(token, isSecure(request, context)) },
});

const isSecure = ({ headers }: FastifyRequest, { origins }: HttpContext): boolean => origins.isSecure(headers);

/** A site that carries the widget may not sign its visitors in to an account of its choosing. */
const requireOwnPage = ({ headers }: FastifyRequest, { origins }: HttpContext): void => {
  if (headers.origin !== undefined && !origins.isOwn(headers.origin, headers)) throw new GuichetError('origin_refused');
};
