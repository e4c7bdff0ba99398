import type { pages as english } from '../en/pages.ts';

export const pages: typeof english = {
  startTitle: 'Le guichet est ouvert.',
  startLead:
    'Une discussion d’assistance sur votre propre serveur. Les visiteurs écrivent depuis vos pages, votre équipe répond depuis la console.',
  openConsole: 'Ouvrir la console',
  openConsoleHint: 'pour qui répond',
  openDemo: 'Voir la page de démonstration',
  openDemoHint: 'pour essayer en visiteur',
  embedTitle: 'Sur votre site',
  embedLead: 'Une ligne avant la fin du corps de page :',
  copy: 'Copier',
  copied: 'Copié',
  promiseTitle: 'Ce que dit une coche',
  promises: {
    stored: 'Une coche : le message est sur le disque. Pas « envoyé » : enregistré.',
    delivered: 'Deux : l’autre côté l’a reçu.',
    read: 'Deux en couleur : il a été lu.',
    unsaved: 'Un anneau pointillé : le disque ne répond pas, et on vous le dit.',
  },
  docs: 'Interface pour les programmes',
  demo: {
    title: 'Maison Loriot, papeterie',
    nav: ['Carnets', 'Encres', 'Papier à lettres'],
    headline: 'Du papier qui attend vos mots.',
    lead: 'Cousu à la main dans un petit atelier, ligné ou uni, expédié sous deux jours.',
    items: [
      { name: 'Carnet de terrain', about: '96 pages, cousu au fil, lin gris', price: '14 €' },
      { name: 'Encre ferro-gallique', about: '50 ml, bleu-noir, fonce en séchant', price: '11 €' },
      { name: 'Papier à lettres', about: '20 feuilles et enveloppes, papier vergé', price: '18 €' },
    ],
    ask: 'Une question sur une commande ? Le guichet est en bas de la page.',
    fiction: 'La Maison Loriot n’existe pas : cette page montre le widget de Guichet à l’œuvre.',
  },
};
