import { forAgents } from '../../../../src/client/for-agents.ts';
import type { common as english } from '../en/common.ts';
import { plurals, sizes } from '../plural.ts';

const count = /* @__PURE__ */ plurals('fr');

/** As all that is said in French: vous, « » and narrow no-break spaces. */
export const common: typeof english = {
  states: {
    sending: 'Envoi en cours',
    unsaved: 'Pas encore enregistré : le serveur le garde en mémoire et l’enregistrera dès que possible',
    stored: 'Enregistré sur le serveur',
    delivered: 'Enregistré, et reçu par l’autre côté',
    read: 'Lu',
    failed: 'Non envoyé',
  },
  unsaved: 'pas encore enregistré',
  failures: {
    too_large: 'Ce message est trop long.',
    invalid: 'Le serveur n’accepte pas ce texte.',
    not_found: 'Cette conversation n’existe plus.',
    unsupported_type: 'Les fichiers de ce type ne sont pas acceptés ici.',
    file_too_large: 'Ce fichier est trop volumineux.',
    // A visitor writes in a conversation of their own, and on no terms.
    ...(forAgents ? { forbidden: 'Vous ne pouvez pas écrire ici.', stale: 'Quelqu’un a écrit depuis.' } : {}),
    other: 'Le serveur a refusé ce message.',
  },
  stuck: 'Un message n’a pas pu être envoyé.',
  showStuck: 'L’afficher',
  retry: 'Réessayer',
  discard: 'Abandonner',
  attach: 'Joindre des fichiers',
  drop: 'Déposez les fichiers ici',
  removeFile: (name) => `Retirer ${name}`,
  showImage: (name) => `Image ${name} : l’ouvrir`,
  download: (name) => `Fichier ${name} : l’enregistrer`,
  uploading: (percent) => `Envoi en cours, ${percent} %`,
  fileFailed: 'Le fichier n’a pas pu être chargé. Réessayez dans un instant.',
  fileTooLarge: (name, most) => `${name} est trop volumineux : ${most} au plus.`,
  tooManyFiles: (most) => `Un message prend ${most} fichiers au plus.`,
  size: sizes('fr'),
  redacted: 'Ce message a été retiré',
  today: 'Aujourd’hui',
  yesterday: 'Hier',
  typing: (name) => `${name} écrit`,
  unread: /* @__PURE__ */ count({ one: '# message non lu', other: '# messages non lus' }),
  loadingOlder: 'Chargement des messages précédents',
  loading: 'Chargement',
  send: 'Envoyer',
  tooLong: /* @__PURE__ */ count({ one: '# caractère de trop', other: '# caractères de trop' }),
  left: /* @__PURE__ */ count({ one: '# caractère restant', other: '# caractères restants' }),
  newMessages: 'Nouveaux messages',
  notPersistent:
    'Ce navigateur ne conserve pas les messages en attente : gardez cette page ouverte jusqu’à leur enregistrement.',
};
