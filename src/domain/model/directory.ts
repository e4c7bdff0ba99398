import type {
  ApiKeyScope,
  Attributes,
  CannedReply,
  Label,
  Mention,
  Page,
  Role,
  Settings,
} from '../../protocol/entities.ts';
import type { AuditEntry } from './audit.ts';

export type { ApiKeyScope, CannedReply, Label, Role, Settings };

/** A person on the agents' side. An inactive one stays, because old messages name it. */
export interface Agent {
  readonly id: string;
  /** Lower case; null for agents that only came with adopted data. */
  readonly email: string | null;
  readonly name: string;
  readonly role: Role;
  readonly active: boolean;
  readonly createdAt: string;
}

/** A visitor, known or not. */
export interface Contact {
  readonly id: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly locale: string | null;
  /** What the site says of its visitor. */
  readonly attributes?: Attributes;
  readonly page?: Page | null;
  readonly createdAt: string;
  /** A host site vouches for this one; nobody else can become it. */
  readonly identified?: true;
  /** What tokens were made before this many revocations is worth nothing; missing: none yet. */
  readonly tokenGeneration?: number;
  /** UTC ISO time of the last revocation: an identity token that was signed before it is worth nothing. */
  readonly tokensFrom?: string;
  /** The contact that this one turned out to be: its conversations are there now. */
  readonly mergedInto?: string;
  /** UTC ISO time of the last erasure: what was known of them, and what they wrote before it, is gone. */
  readonly erasedAt?: string;
  /** An agent does not let them in any more. */
  readonly blocked?: true;
}

/** The secret half of an agent, apart from it so that no feed can carry it: `id` is the agent's. */
export interface Credential {
  readonly id: string;
  /** argon2id in PHC string format; missing: none was chosen yet. */
  readonly passwordHash?: string;
  readonly secondFactor?: SecondFactor;
  /** A link by which a new password may be chosen, once. */
  readonly reset?: { readonly hash: string; readonly expiresAt: string };
}

/** An authenticator app, and codes for the day it is lost. */
export interface SecondFactor {
  /** The secret of the app, sealed with a key that is in no log and no backup. */
  readonly sealed: string;
  /** False until a first code has shown that the app has it: until then it is asked of nobody. */
  readonly confirmed: boolean;
  /** Time step of the last code that was used: each counts once. */
  readonly lastStep: number;
  /** SHA-256 of those not used yet. */
  readonly recovery: readonly string[];
}

/** A long-lived token that an agent made for a program. `id` is the SHA-256 of it: the key itself is stored nowhere. */
export interface ApiKey {
  readonly id: string;
  /** It may do what this agent may, and no more than its scope says. */
  readonly agentId: string;
  readonly name: string;
  readonly scope: ApiKeyScope;
  readonly createdAt: string;
  /** null: until it is revoked. */
  readonly expiresAt: string | null;
  readonly revoked: boolean;
}

/** A signed-in agent. `id` is the SHA-256 of the token in hex: the token itself is stored nowhere. */
export interface AgentSession {
  readonly id: string;
  readonly agentId: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly revoked: boolean;
  /** What the browser calls itself, so that its owner knows it in a list. */
  readonly client?: string;
}

/** Settings as the log holds them: one entry, id `settings`. One of before a setting existed lacks it. */
export interface SettingsEntry
  extends Pick<Settings, 'teamName' | 'greeting' | 'accent'>,
    Partial<Omit<Settings, 'teamName' | 'greeting' | 'accent'>> {
  readonly id: 'settings';
}

/** One entry an agent and conversation: what was noted last counts. `id` is made by {@link mentionId}. */
export interface MentionEntry extends Mention {
  readonly id: string;
}

/** Entries of one agent stand together in the order of ids. */
export const mentionId = (agentId: string, conversationId: string): string =>
  `${mentionPrefix(agentId)}${encodeURIComponent(conversationId)}`;

export const mentionPrefix = (agentId: string): string => `${encodeURIComponent(agentId)}/`;

/** An address that no visitor is let in from. `id` is what stands for it in budgets. */
export interface Block {
  readonly id: string;
  readonly active: boolean;
  readonly at: string;
  /** The agent who did it. */
  readonly by: string;
}

/** How long contents are kept: one entry, id `retention`. */
export interface RetentionEntry {
  readonly id: 'retention';
  /** Contents of conversations that were closed and silent for so many days are deleted; null: never. */
  readonly closedForDays: number | null;
}

/** The in-sync set of a chain of stores (docs/spec/fallback.md): one entry, id `chain`. */
export interface ChainEntry {
  readonly id: 'chain';
  /** Durable tiers that hold every acknowledged record, by keeper. */
  readonly members: readonly { readonly keeper: string; readonly name: string }[];
  /** Position of the record that said so. */
  readonly position: number;
}

/** The directory: everything that is found by kind and id and is small enough to live in memory. */
export interface DirectoryValues {
  agent: Agent;
  contact: Contact;
  credential: Credential;
  session: AgentSession;
  settings: SettingsEntry;
  apiKey: ApiKey;
  block: Block;
  audit: AuditEntry;
  retention: RetentionEntry;
  chain: ChainEntry;
  label: Label;
  cannedReply: CannedReply;
  mention: MentionEntry;
}
export type DirectoryKind = keyof DirectoryValues;

export const DIRECTORY_KINDS = [
  'agent',
  'contact',
  'credential',
  'session',
  'settings',
  'apiKey',
  'block',
  'audit',
  'retention',
  'chain',
  'label',
  'cannedReply',
  'mention',
] as const satisfies readonly DirectoryKind[];
