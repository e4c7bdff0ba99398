import type { doctor as english } from '../en/doctor.ts';

export const doctor: typeof english = {
  title: 'Médecin du direct',
  lead: 'Essaie chaque étape entre cet écran et le disque, et dit laquelle retient les messages.',
  running: 'Examen en cours : une dizaine de secondes.',
  well: 'Tout va bien : ce qui est écrit est enregistré et revient aussitôt.',
  again: 'Recommencer',
  states: { waiting: '', running: 'en cours', well: 'bien', broken: 'en défaut', skipped: 'non essayé' },
  hops: {
    browser: 'Ce navigateur garde des données et connaît les sockets',
    server: 'Le serveur répond',
    socket: 'Un WebSocket s’ouvre',
    frames: 'Les trames y passent',
    held: 'Une requête peut être tenue ouverte',
    store: 'Ce qui est écrit est enregistré durablement',
    back: 'Et revient de lui-même',
  },
  broken: {
    browser: 'Ce navigateur refuse quelque chose dont la console a besoin.',
    server: 'Le serveur ne répond pas, ou autre chose répond à sa place.',
    socket: 'Un proxy devant le serveur ne laisse pas passer les WebSockets.',
    frames: 'Le WebSocket s’ouvre, mais quelque chose en retient les trames.',
    held: 'Un proxy coupe les requêtes tenues ouvertes.',
    store: 'Le stockage ne prend pas durablement ce qui est écrit.',
    back: 'Ce qui est enregistré ne revient pas : quelque chose le retient.',
  },
  advice: {
    browser: 'Autorisez ce site à garder des données (hors fenêtre privée, cookies permis), puis recommencez.',
    server: 'Vérifiez que le serveur tourne et où le proxy envoie /api/v1. La ligne ci-dessus dit ce qui a répondu.',
    socket:
      'En attendant, les messages arrivent par interrogation, un peu plus tard. Ces lignes laissent passer les sockets :',
    frames: 'Ces lignes mettent fin à la rétention :',
    held: 'Ces lignes laissent du temps aux requêtes :',
    store: 'La page du stockage dit lequel est en défaut, et que faire.',
    back: 'Ces lignes mettent fin à la rétention :',
  },
};
