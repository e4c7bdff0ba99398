/** A morning at the counter of a small paper shop, in both languages: what the screenshots show. */

export interface SceneMessage {
  /** Minutes before now. */
  ago: number;
  from: 'visitor' | 'camille' | 'noor';
  text: string;
  note?: true;
}

export interface SceneConversation {
  visitor: { name?: string; email?: string; locale: string };
  agent?: 'camille' | 'noor';
  status?: 'SNOOZED' | 'CLOSED';
  messages: SceneMessage[];
}

export const AGENTS = [
  { key: 'camille', name: 'Camille Roche', email: 'camille@loriot.example' },
  { key: 'noor', name: 'Noor Haddad', email: 'noor@loriot.example' },
] as const;

const short = (
  ago: number,
  name: string | undefined,
  text: string,
  more: Partial<SceneConversation> & { reply?: string } = {},
): SceneConversation => {
  const { reply, ...rest } = more;
  const visitor = { ...(name ? { name } : {}), locale: 'en' };
  const messages: SceneMessage[] = [{ ago: ago + (reply ? 4 : 0), from: 'visitor', text }];
  if (reply) messages.push({ ago, from: rest.agent ?? 'camille', text: reply });
  return { visitor, messages, ...rest };
};

export const scenes: Record<'en' | 'fr', SceneConversation[]> = {
  en: [
    {
      visitor: { name: 'Eleanor Marsh', email: 'eleanor.marsh@post.example', locale: 'en-GB' },
      agent: 'camille',
      messages: [
        { ago: 1480, from: 'visitor', text: 'Hello, I ordered the field notebook on Monday and it has not left yet.' },
        { ago: 1478, from: 'visitor', text: 'The number is LR-2048.' },
        { ago: 1470, from: 'camille', text: 'Good afternoon Eleanor. Let me look at the bench.' },
        { ago: 1466, from: 'camille', text: 'It was sewn this morning and is drying. It leaves with tomorrow’s post.' },
        { ago: 1460, from: 'visitor', text: 'Lovely, thank you!' },
        { ago: 41, from: 'visitor', text: 'Good morning. Did it go out?' },
        {
          ago: 38,
          from: 'camille',
          text: 'It did, at nine. You can follow it here: https://post.example/track/LR-2048',
        },
        { ago: 36, from: 'visitor', text: 'Perfect.' },
        { ago: 35, from: 'visitor', text: 'One more thing: can I still add a bottle of the iron-gall ink?' },
        { ago: 31, from: 'noor', text: 'Two bottles left on the shelf, I put one aside.', note: true },
        { ago: 29, from: 'camille', text: 'Yes. I have put one aside for you; it would travel separately.' },
        { ago: 28, from: 'camille', text: 'Shall I waive the second postage?' },
        { ago: 24, from: 'visitor', text: 'That would be very kind. Same address please.' },
        { ago: 22, from: 'camille', text: 'Done. You will have both by Thursday.' },
        { ago: 6, from: 'visitor', text: 'Does the ink suit a steel nib? I have an old one from my grandfather.' },
        { ago: 4, from: 'visitor', text: 'And how long until it turns black?' },
        { ago: 2, from: 'camille', text: 'It does: rinse the nib with water afterwards, iron-gall is a little acid.' },
        { ago: 1, from: 'camille', text: 'It goes on pale blue and is black by the next morning.' },
      ],
    },
    short(3, 'Tomasz Wolny', 'Is the letter set also made in grey?'),
    short(9, undefined, 'The checkout shows an error after I enter my card. I have tried twice.'),
    short(14, 'Ines Cardoso', 'Could you write the invoice to our studio?', {
      agent: 'noor',
      reply: 'Of course. Send me the address and the tax number.',
    }),
    short(26, 'Priya Nair', 'Thank you, the parcel came this morning. Beautiful work.', { agent: 'camille' }),
    short(33, 'Jonas Lindqvist', 'Do you sell refills for the pocket format?', {
      agent: 'camille',
      reply: 'We do, in packs of three. They are on the page of the notebook, near the end.',
    }),
    short(52, 'Ruth Abel', 'How many sheets does one gum the envelopes for?'),
    short(71, undefined, 'hi, do you ship to Norway?', { agent: 'noor', reply: 'We do: five days, €12.' }),
    short(95, 'Marc Delaunay', 'I would like to visit the workshop with a class of twelve. Whom do I ask?'),
    short(128, 'Aiko Tanaka', 'The corner of the cover is bent. I attached nothing as I see no way to.', {
      agent: 'camille',
      reply: 'I am sorry. A new one is on its way; keep the bent one for sketches.',
    }),
    short(190, 'Oluwaseun Ade', 'Is the paper acid-free?', {
      agent: 'noor',
      reply: 'All of it, and ISO 9706 permanent.',
    }),
    short(245, 'Hanna Fischer', 'Could I get the notebook with dotted pages?', {
      agent: 'camille',
      reply: 'In spring, I think. May I write to you then?',
    }),
    short(330, 'Sam Okafor', 'The discount code from the fair does not work any more.'),
    short(1500, 'Lucie Bernard', 'Do you repair bindings?', {
      agent: 'camille',
      reply: 'Our own, for life. Send it in.',
    }),
    short(1640, undefined, 'Are you open on Saturday?', { agent: 'noor', reply: 'From ten to four.' }),
    short(2900, 'George Pike', 'Wrong colour delivered.', { agent: 'camille', status: 'CLOSED', reply: 'Replaced.' }),
    short(3000, 'Mei Chen', 'Wholesale terms?', {
      agent: 'noor',
      status: 'SNOOZED',
      reply: 'I will ask and come back.',
    }),
  ],
  fr: [
    {
      visitor: { name: 'Éléonore Masson', email: 'eleonore.masson@poste.example', locale: 'fr-FR' },
      agent: 'camille',
      messages: [
        {
          ago: 1480,
          from: 'visitor',
          text: 'Bonjour, j’ai commandé le carnet de terrain lundi et il n’est pas encore parti.',
        },
        { ago: 1478, from: 'visitor', text: 'Le numéro est LR-2048.' },
        { ago: 1470, from: 'camille', text: 'Bonjour Madame Masson. Je regarde à l’établi.' },
        { ago: 1466, from: 'camille', text: 'Il a été cousu ce matin et sèche. Il part au courrier de demain.' },
        { ago: 1460, from: 'visitor', text: 'Parfait, merci !' },
        { ago: 41, from: 'visitor', text: 'Bonjour. Est-il parti ?' },
        { ago: 38, from: 'camille', text: 'Oui, à neuf heures. Pour le suivre : https://poste.example/suivi/LR-2048' },
        { ago: 36, from: 'visitor', text: 'Très bien.' },
        { ago: 35, from: 'visitor', text: 'Encore une chose : puis-je ajouter un flacon d’encre ferro-gallique ?' },
        { ago: 31, from: 'noor', text: 'Il reste deux flacons en rayon, j’en ai mis un de côté.', note: true },
        { ago: 29, from: 'camille', text: 'Oui. Je vous en ai mis un de côté ; il voyagerait à part.' },
        { ago: 28, from: 'camille', text: 'Je vous offre le second port ?' },
        { ago: 24, from: 'visitor', text: 'Ce serait très gentil. À la même adresse, s’il vous plaît.' },
        { ago: 22, from: 'camille', text: 'C’est fait. Vous aurez les deux jeudi.' },
        {
          ago: 6,
          from: 'visitor',
          text: 'L’encre convient-elle à une plume en acier ? J’en ai une de mon grand-père.',
        },
        { ago: 4, from: 'visitor', text: 'Et combien de temps avant qu’elle noircisse ?' },
        { ago: 2, from: 'camille', text: 'Oui : rincez la plume à l’eau ensuite, la ferro-gallique est un peu acide.' },
        { ago: 1, from: 'camille', text: 'Elle se pose bleu pâle et devient noire pour le lendemain matin.' },
      ],
    },
    short(3, 'Tomasz Wolny', 'Le papier à lettres existe-t-il en gris ?'),
    short(9, undefined, 'Le paiement affiche une erreur après la saisie de ma carte. J’ai essayé deux fois.'),
    short(14, 'Inès Cardoso', 'Pouvez-vous établir la facture au nom de l’atelier ?', {
      agent: 'noor',
      reply: 'Bien sûr. Envoyez-moi l’adresse et le numéro de TVA.',
    }),
    short(26, 'Priya Nair', 'Merci, le colis est arrivé ce matin. Très beau travail.', { agent: 'camille' }),
    short(33, 'Jonas Lindqvist', 'Vendez-vous des recharges pour le format poche ?', {
      agent: 'camille',
      reply: 'Oui, par trois. Elles sont en bas de la page du carnet.',
    }),
    short(52, 'Ruth Abel', 'Combien de feuilles par enveloppe conseillez-vous ?'),
    short(71, undefined, 'bonjour, livrez-vous en Norvège ?', { agent: 'noor', reply: 'Oui : cinq jours, 12 €.' }),
    short(95, 'Marc Delaunay', 'Je voudrais visiter l’atelier avec une classe de douze élèves. À qui m’adresser ?'),
    short(128, 'Aiko Tanaka', 'Le coin de la couverture est plié.', {
      agent: 'camille',
      reply: 'Je suis désolée. Un autre est en route ; gardez celui-ci pour vos croquis.',
    }),
    short(190, 'Oluwaseun Ade', 'Le papier est-il sans acide ?', {
      agent: 'noor',
      reply: 'Entièrement, et permanent ISO 9706.',
    }),
    short(245, 'Hanna Fischer', 'Le carnet existe-t-il avec des pages à points ?', {
      agent: 'camille',
      reply: 'Au printemps, je crois. Puis-je vous écrire à ce moment-là ?',
    }),
    short(330, 'Sam Okafor', 'Le code de réduction du salon ne fonctionne plus.'),
    short(1500, 'Lucie Bernard', 'Réparez-vous les reliures ?', {
      agent: 'camille',
      reply: 'Les nôtres, à vie. Envoyez-le.',
    }),
    short(1640, undefined, 'Êtes-vous ouverts le samedi ?', { agent: 'noor', reply: 'De dix heures à seize heures.' }),
    short(2900, 'Georges Pic', 'Mauvaise couleur reçue.', {
      agent: 'camille',
      status: 'CLOSED',
      reply: 'C’est remplacé.',
    }),
    short(3000, 'Mei Chen', 'Conditions pour revendeurs ?', {
      agent: 'noor',
      status: 'SNOOZED',
      reply: 'Je me renseigne.',
    }),
  ],
};
