import { effect } from '@preact/signals';
import type { Change, Conversation } from '../../src/protocol/entities.ts';
import { visitorName } from './names.ts';
import { conversationInHash, hrefOf } from './route.ts';
import { preferences, words } from './words.ts';

const TONES = [660, 880] as const;
const TONE_S = 0.09;

/** Two short tones, made here: there is no file to load. A page that was never touched may make no sound. */
export const ring = async (): Promise<void> => {
  try {
    const audio = new AudioContext();
    TONES.forEach((frequency, i) => {
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      tone.frequency.value = frequency;
      volume.gain.setValueAtTime(0.08, audio.currentTime + i * TONE_S);
      volume.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + (i + 1) * TONE_S);
      tone.connect(volume).connect(audio.destination);
      tone.start(audio.currentTime + i * TONE_S);
      tone.stop(audio.currentTime + (i + 1) * TONE_S);
    });
    setTimeout(() => void audio.close(), 1000);
  } catch {
    // Sound is a courtesy.
  }
};

/** Whether a change is worth calling the agent for: a visitor's message for them or for nobody yet, or their name. */
const calls = (change: Change, conversation: Conversation | undefined, myId: string): boolean => {
  if (change.mention) return change.mention.agentId === myId && !change.mention.seen;
  if (change.message?.senderType !== 'USER') return false;
  return conversation === undefined || conversation.agentId === null || conversation.agentId === myId;
};

/** Calls the agent by sound and by a notification of the system, as they wish, unless they are looking at it. */
export const callAgent = (change: Change, conversation: Conversation | undefined, myId: string): void => {
  const id = change.message?.conversationId ?? change.mention?.conversationId;
  if (id === undefined || !calls(change, conversation, myId)) return;
  const isLooking = document.visibilityState === 'visible' && document.hasFocus();
  if (isLooking && conversationInHash.peek() === id) return;
  if (preferences.sound.peek()) void ring();
  if (isLooking || !preferences.notify.peek() || globalThis.Notification?.permission !== 'granted') return;
  const text = change.message?.content ?? words.peek().mentioned;
  const notification = new Notification(visitorName(conversation), { body: text.slice(0, 160), tag: `guichet ${id}` });
  notification.onclick = () => {
    focus();
    location.hash = hrefOf(id);
    notification.close();
  };
};

const faviconOf = (unread: number): string => {
  const size = unread > 9 ? 30 : 36;
  const badge = `<circle cx="46" cy="46" r="18" fill="#c4391d"/><text x="46" y="${46 + size / 3}" font-family="sans-serif" font-weight="700" font-size="${size * 0.9}" text-anchor="middle" fill="#fff">${unread > 9 ? '9+' : unread}</text>`;
  const mark =
    '<g transform="scale(2.667)" fill="none" stroke="#c4391d" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d="M4.5 20.5V11a7.5 7.5 0 0 1 15 0v9.5"/><path d="M2.5 20.5h19"/><path d="M9 20.5v-1a3 3 0 0 1 6 0v1"/><path d="M9.2 11.2h5.6"/></g>';
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">${mark}${unread > 0 ? badge : ''}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
};

/** Says in the title and in the icon of the tab how much is unread; ends with the function it returns. */
export const showUnread = (unread: { readonly value: number }): (() => void) => {
  const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  return effect(() => {
    const { value: count } = unread;
    document.title = count > 0 ? `(${count}) Guichet` : 'Guichet';
    if (icon) icon.href = faviconOf(count);
  });
};
