import { type Signal, useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { CloseIcon, EditIcon } from '../shared/icons.tsx';
import { ContactForm } from './contact-form.tsx';
import type { Desk } from './desk.ts';
import { LabelChip } from './label-dots.tsx';
import { visitorName } from './names.ts';
import { hrefOf } from './route.ts';
import { Score } from './score.tsx';
import { VisitorPrivacy } from './security/visitor-privacy.tsx';
import { copyTranscript, saveTranscript } from './transcript.ts';
import type { Conversation } from './types.ts';
import { useLoaded } from './use-loaded.ts';
import { preferences, times, words } from './words.ts';

interface DetailsViewProps {
  desk: Desk;
  conversationId: string;
  open: Signal<boolean>;
}

/** Who the visitor is, what is known of the conversation, and what else they have asked. */
export const DetailsView = ({ desk, conversationId, open }: DetailsViewProps): JSX.Element | null => {
  const conversation = desk.inbox.get(conversationId);
  if (!conversation) return null;
  const { details } = words.value;
  return (
    <section class="details" aria-label={details}>
      <div class="details-head">
        <h2>{details}</h2>
        <button
          type="button"
          class="icon-button"
          aria-label={words.value.close}
          title={words.value.close}
          onClick={() => {
            open.value = false;
          }}
        >
          <CloseIcon />
        </button>
      </div>
      <VisitorFacts key={conversation.userId} desk={desk} conversation={conversation} />
      <ConversationFacts desk={desk} conversation={conversation} />
      <Others key={conversation.userId} desk={desk} conversation={conversation} />
      <Transcript desk={desk} conversation={conversation} />
      <VisitorPrivacy key={conversation.userId} visitorId={conversation.userId} isAdmin={desk.me.role === 'admin'} />
    </section>
  );
};

const VisitorFacts = ({ desk, conversation }: { desk: Desk; conversation: Conversation }): JSX.Element => {
  const { fields, visitorTitle, vouched, editVisitor } = words.value;
  const { value: clock } = times;
  const { contact } = conversation;
  const edits = useSignal(false);
  const opener = useRef<HTMLButtonElement>(null);
  const endEdit = (): void => {
    edits.value = false;
    // The form is gone, and the focus must not go with it.
    requestAnimationFrame(() => opener.current?.focus());
  };
  return (
    <>
      <div class="details-title">
        <h3>{visitorTitle}</h3>
        {contact && !contact.identified && !edits.value && (
          <button
            type="button"
            class="icon-button"
            ref={opener}
            aria-label={editVisitor}
            title={editVisitor}
            onClick={() => (edits.value = true)}
          >
            <EditIcon />
          </button>
        )}
      </div>
      {contact && edits.value && <ContactForm desk={desk} contact={contact} onClose={endEdit} />}
      <dl>
        {!edits.value && (
          <>
            <Fact name={fields.name}>
              <bdi>{visitorName(conversation)}</bdi>
              {contact?.identified && <small class="muted">{vouched}</small>}
            </Fact>
            <Fact name={fields.email}>
              {contact?.email && (
                <a href={`mailto:${contact.email}`}>
                  <bdi>{contact.email}</bdi>
                </a>
              )}
            </Fact>
          </>
        )}
        <Fact name={fields.locale}>{contact?.locale && languageName(contact.locale)}</Fact>
        {contact?.page && (
          <Fact name={fields.page}>
            <a href={contact.page.url} target="_blank" rel="noopener noreferrer nofollow">
              <bdi>{contact.page.title ?? contact.page.url}</bdi>
            </a>
            <small class="muted">
              <time dateTime={contact.page.at} title={clock.full(contact.page.at)}>
                {clock.ago(contact.page.at)}
              </time>
            </small>
          </Fact>
        )}
        <Fact name={fields.since}>{contact?.createdAt && clock.date(contact.createdAt)}</Fact>
        {Object.entries(contact?.attributes ?? {}).map(([name, value]) => (
          <Fact key={name} name={name}>
            <bdi>{value}</bdi>
          </Fact>
        ))}
      </dl>
    </>
  );
};

const ConversationFacts = ({ desk, conversation }: { desk: Desk; conversation: Conversation }): JSX.Element => {
  const { fields, conversationTitle, status, statusOf, snoozedUntil } = words.value;
  const { value: clock } = times;
  const { labels = [], rating } = conversation;
  return (
    <>
      <h3>{conversationTitle}</h3>
      <dl>
        <Fact name={status}>
          {statusOf[conversation.status]}
          {conversation.status === 'SNOOZED' && conversation.snoozedUntil && (
            <small class="muted">{snoozedUntil(clock.full(conversation.snoozedUntil))}</small>
          )}
        </Fact>
        {rating && (
          <Fact name={fields.rating}>
            <Score score={rating.score} />
            {rating.comment && (
              <q class="rating-comment" dir="auto">
                {rating.comment}
              </q>
            )}
          </Fact>
        )}
        {conversation.subject && (
          <Fact name={fields.subject}>
            <bdi>{conversation.subject}</bdi>
          </Fact>
        )}
        <Fact name={fields.started}>
          <time dateTime={conversation.createdAt} title={clock.full(conversation.createdAt)}>
            {clock.date(conversation.createdAt)}
          </time>
        </Fact>
        {labels.length > 0 && (
          <Fact name={fields.labels}>
            <span class="label-chips">
              {labels.map((id) => (
                <LabelChip key={id} desk={desk} id={id} />
              ))}
            </span>
          </Fact>
        )}
      </dl>
    </>
  );
};

const OTHERS = 6;

/** What else the visitor has asked, newest first. */
const Others = ({ desk, conversation }: { desk: Desk; conversation: Conversation }): JSX.Element | null => {
  const { otherConversations, noMessage, statusOf } = words.value;
  const theirs = useLoaded(() =>
    desk.inbox.ask(() => desk.client.api.conversations({ user: conversation.userId, limit: OTHERS })),
  );
  const ids = theirs.value?.conversations.map(({ id }) => id) ?? [];
  const others = ids.filter((id) => id !== conversation.id).map((id) => desk.inbox.get(id));
  if (others.length === 0) return null;
  return (
    <>
      <h3>{otherConversations}</h3>
      <ul class="others">
        {others.map(
          (other) =>
            other && (
              <li key={other.id}>
                <a href={hrefOf(other.id)}>
                  <bdi>{other.lastMessage?.content || other.subject || noMessage}</bdi>
                  <small class="muted">
                    {statusOf[other.status]} ·{' '}
                    <time dateTime={other.updatedAt}>{times.value.ago(other.updatedAt)}</time>
                  </small>
                </a>
              </li>
            ),
        )}
      </ul>
    </>
  );
};

const Transcript = ({ desk, conversation }: { desk: Desk; conversation: Conversation }): JSX.Element => {
  const { transcript } = words.value;
  const copy = async (): Promise<void> => {
    if (await desk.attempt(() => copyTranscript(desk, conversation))) {
      desk.notices.say({ text: () => words.value.transcript.copied });
    }
  };
  return (
    <>
      <h3>{transcript.title}</h3>
      <p class="transcript">
        <button type="button" class="button" onClick={() => void copy()}>
          {transcript.copy}
        </button>
        <button
          type="button"
          class="button"
          onClick={() => void desk.attempt(() => saveTranscript(desk, conversation, 'txt'))}
        >
          {transcript.text}
        </button>
        <button
          type="button"
          class="button"
          onClick={() => void desk.attempt(() => saveTranscript(desk, conversation, 'json'))}
        >
          JSON
        </button>
      </p>
    </>
  );
};

const Fact = ({ name, children }: { name: string; children: ComponentChildren }): JSX.Element => (
  <div>
    <dt>
      <bdi>{name}</bdi>
    </dt>
    <dd>{children || <span class="muted">{words.value.fields.unknown}</span>}</dd>
  </div>
);

/** "fr-CA" as "French (Canada)", in the agent's language; as it came where the browser cannot tell. */
const languageName = (locale: string): string => {
  try {
    return new Intl.DisplayNames([preferences.language.value], { type: 'language' }).of(locale) ?? locale;
  } catch {
    return locale;
  }
};
