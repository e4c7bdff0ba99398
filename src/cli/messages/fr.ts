import type { Reach } from '../../domain/store-problem.ts';
import type { Messages } from './messages.ts';

const count = (number: number, one: string): string => `${number.toLocaleString('fr')} ${one}${number < 2 ? '' : 's'}`;

const reached = (reach: readonly Reach[]): string =>
  reach.length === 0
    ? 'rien n’y est gardé'
    : `sont gardées les positions ${reach
        .map(({ from, to, fromTime, toTime }) =>
          from === to
            ? `${from} (${new Date(fromTime).toISOString()})`
            : `${from} à ${to} (${new Date(fromTime).toISOString()} à ${new Date(toTime).toISOString()})`,
        )
        .join(', ')}`;

export const fr: Messages = {
  usage: {
    unknown_command: (p) => `La commande « ${p.command} » n’existe pas. guichet --help donne la liste.`,
    unknown_flag: (p) => `L’option ${p.flag} n’existe pas ici. Ajoutez --help pour voir celles qui existent.`,
    repeated_flag: (p) => `${p.flag} est donnée deux fois. Donnez-la une seule fois.`,
    missing_flag: (p) => `Il manque ${p.flag}. Ajoutez --help pour voir ce que cette commande demande.`,
    missing_value: (p) => `${p.flag} demande une valeur.`,
    unexpected_value: (p) => `${p.flag} ne prend pas de valeur.`,
    unexpected_argument: (p) =>
      `« ${p.argument} » n’est pas compris ici. Une valeur suit une option ; --help donne les options.`,
    not_a_number: (p) => `${p.flag} doit être un nombre entier de ${p.min} à ${p.max}, pas « ${p.value} ».`,
    not_one_of: (p) => `${p.flag} doit être l’une de ces valeurs : ${p.choices.join(', ')} ; pas « ${p.value} ».`,
    not_a_moment: (p) =>
      `${p.flag} doit être une position comme 1200 ou un instant comme 2025-01-06T08:00:00Z, pas « ${p.value} ».`,
    not_a_time: (p) => `${p.flag} doit être une heure comme 03:00, pas « ${p.value} ».`,
    not_a_zone: (p) => `${p.flag} doit être un fuseau horaire comme Europe/Paris, pas « ${p.value} ».`,
    not_an_origin: (p) =>
      `${p.flag} doit ressembler à https://chat.example.org, sans rien après l’hôte ; pas « ${p.value} ».`,
    not_a_proxy: (p) =>
      `${p.flag} doit être on, off, un nombre de proxys ou des adresses comme 10.0.0.0/8 ; pas « ${p.value} ».`,
    not_a_media_type: (p) =>
      `${p.flag} doit être une liste de types de fichier tels que application/pdf ou image/*, séparés par des virgules ; pas « ${p.value} ».`,
    plain_http: (p) =>
      `Avec ${p.flag} ${p.value}, d’autres peuvent atteindre ce serveur et rien ne chiffre ce qu’ils envoient. Placez devant lui un proxy avec TLS et nommez-le : --public-url https://… ou --trust-proxy ADRESSES. Dans un conteneur dont seuls le proxy ou cette machine atteignent le port, ou sur un réseau de confiance, dites --plain-http.`,
    not_an_email: (p) => `${p.flag} doit être une adresse électronique, pas « ${p.value} ».`,
    bad_name: (p) => `${p.flag} doit compter de 1 à ${p.max} caractères.`,
    bad_password: (p) => `Le mot de passe doit compter de ${p.min} à ${p.max} caractères.`,
    nothing_to_import: (p) =>
      `Il n’y a ni conversations.json ni messages.json dans ${p.dir}. Indiquez leur dossier avec ${p.flag}.`,
    short_secret: (p) =>
      `${p.flag} doit compter au moins ${p.min} caractères : openssl rand -hex 32 en fabrique une valeur.`,
    secrets_needed: (p) =>
      `${p.store} n’offre aucun dossier propre à ce serveur où garder des secrets, et d’autres serveurs peuvent le partager : définissez ${p.missing.join(' et ')} dans l’environnement, à l’identique pour tous, ${p.min} caractères au moins (openssl rand -hex 32 en fabrique une valeur).`,
    store_unknown: (p) =>
      `« ${p.store} » n’est pas un stockage. Utilisez file:DOSSIER, memory:, sqlite:FICHIER, postgres://… ou mysql://…, par exemple file:./data.`,
    store_incomplete: (p) => `« ${p.store} » est incomplet ou illisible. La forme attendue est ${p.example}.`,
    store_repeated: (p) => `${p.store} figure deux fois dans la liste des stockages. Nommez chacun une fois.`,
    store_memory_not_last: () =>
      'memory: ne garde rien quand le serveur s’arrête : ce stockage ne peut être que le dernier d’une liste.',
    store_single: (p) => `${p.flag} prend ici un seul stockage, pas une liste.`,
    store_not_kept: (p) =>
      `memory: ne garde rien quand cette commande se termine. Nommez un autre stockage avec ${p.flag}.`,
  },
  trouble: {
    target_holds_other: (p) =>
      `${p.store} n’est pas vide, et son contenu n’est pas le début de ce journal. Nommez un stockage vide.`,
    target_is_plain: (p) =>
      `${p.dir} contient les fichiers d’un autre programme. Nommez un stockage vide ; pour reprendre ces fichiers, utilisez guichet import.`,
    copy_differs: (p) =>
      `${p.store} ne contient pas ce qui a été copié : ${p.what} diffère. Ne l’utilisez pas ; copiez vers un stockage vide.`,
    not_empty: (p) => `${p.dir} n’est pas vide. Nommez un dossier vide ou qui n’existe pas encore.`,
    backup_differs: (p) =>
      `La sauvegarde relue n’est pas ce dont elle est faite : ${p.dir} n’a pas été créé. Vérifiez le stockage et le disque.`,
    no_history: (p) => `${p.dir} n’est ni une sauvegarde ni un dossier de données.`,
    would_lose: (p) =>
      `${count(p.changes, 'changement')} introuvable${p.changes < 2 ? '' : 's'}. Nommez d’autres stockages de ce journal après une virgule, ou continuez sans : --accept-loss. Rien n’a changé.`,
    repair_needs_target: (p) =>
      `${p.store} est une base de données, où rien n’est écrit : ce qu’elle contient encore va dans un stockage vide. Nommez-en un : --to.`,
    repair_in_place: (p) => `${p.store} est réparé sur place et ce qui était là est gardé. Retirez --to.`,
    contradicts: (p) =>
      `Ce qui reste dans ${p.store} et dans les autres ne peut pas être un seul journal : ${p.what} Ramenez une sauvegarde : guichet restore. Rien n’a changé.`,
    log_unknown: (p) =>
      `${p.store} ne dit plus quel journal il garde. Nommez un autre stockage de ce journal après une virgule, ou continuez comme un journal nouveau : --accept-loss. Rien n’a changé.`,
    past_damaged: (p) => `Impossible de le ramener de là : ${p.what} Indiquez une sauvegarde plus ancienne.`,
    past_not_kept: (p) => `L’état du journal à ${p.at} ne peut pas être retrouvé : ${reached(p.reach)}.`,
  },
  flags: {
    host: 'adresse d’écoute ; 0.0.0.0 ou :: pour tous les réseaux',
    port: 'port d’écoute ; 0 en choisit un libre',
    store: 'où la conversation est gardée : file:DOSSIER, memory:, ou plusieurs par ordre de préférence',
    'snapshot-every': 'secondes entre deux instantanés d’un stockage fichier ; 0 : à l’arrêt seulement',
    'backup-at': 'heure de la sauvegarde quotidienne',
    'backup-keep': 'nombre de sauvegardes quotidiennes gardées',
    'backup-dir': 'où vont les sauvegardes (par défaut : backup/ dans le dossier de données)',
    blobs:
      'où sont gardés les fichiers des messages (par défaut : blobs/ dans le dossier de données, sinon ./data/blobs)',
    'attachment-max': 'taille du plus grand fichier accepté, en mégaoctets ; 0 : aucun',
    'attachment-types':
      'fichiers acceptés, tels que image/*,application/pdf (par défaut : images, PDF, texte, bureautique, zip, vidéo, son)',
    'tier-timeout': 'millisecondes après lesquelles un stockage muet d’une liste passe pour perdu',
    'leave-behind': 'stockages de la liste abandonnés : le chat continue sans ce qu’eux seuls peuvent contenir',
    'public-url': 'adresse par laquelle les navigateurs atteignent ce serveur (par défaut : déduite)',
    'trust-proxy': 'les proxys qui peuvent dire qui appelle',
    'allowed-origins': 'sites qui peuvent intégrer le widget (par défaut : celui de ce serveur)',
    'plain-http': 'écouter sur une adresse publique bien que rien ne chiffre (conteneurs, réseaux de confiance)',
    'require-identity': 'exiger des visiteurs un jeton signé par le site hôte, à chaque appel',
    timezone: 'fuseau de --backup-at et des heures qui n’en ont pas (par défaut : celui du système)',
    'log-level': 'trace, debug, info, warn, error, fatal ou silent',
    json: 'donne le rapport en JSON',
    from: 'd’où le prendre : un stockage pour copy, sinon un dossier',
    to: 'où le mettre : un stockage, ou pour export et backup un dossier vide',
    at: 'restaure le journal tel qu’il était à un instant (2025-01-06T08:00:00Z) ou après une position',
    'accept-loss': 'continue sans ce qui est introuvable ; une phrase remplace chaque message perdu',
    purge: 'l’ôte aussi, tout de suite, de l’historique des stockages et de leurs sauvegardes',
    current: 'le stockage remplacé : qui y a été effacé reste effacé',
    'dry-run': 'dit ce qui reviendrait ou serait fait, sans rien changer',
    email: 'adresse électronique, pour se connecter',
    name: 'nom que voient les visiteurs',
    role: 'admin ou agent',
  },
  commands: {
    serve: 'démarre le serveur',
    check: 'vérifie un stockage sans y toucher et donne un rapport',
    copy: 'copie tout d’un stockage à un autre et compare les deux ; relancée, elle continue',
    import: 'reprend conversations.json et messages.json d’un autre programme',
    backup: 'écrit une sauvegarde d’un stockage et la vérifie en la relisant',
    restore: 'ramène une sauvegarde, ou un état passé d’un dossier de données, dans un stockage vide',
    repair: 'reconstruit un stockage abîmé à partir d’instantanés, de sauvegardes, de journaux et d’autres stockages',
    export: 'écrit conversations.json, messages.json et directory.json, sans secret, depuis tout stockage',
    erase: 'efface un visiteur pour de bon : qui il est, et ce qui a été écrit dans ses conversations',
    drill:
      'montre sur un serveur privé que kill -9, un stockage perdu, un fichier abîmé et un disque plein ne perdent rien',
    'agent add': 'ajoute un agent qui peut se connecter à la console ; le mot de passe est demandé, ou lu sur stdin',
  },
  help: {
    intro: 'Guichet, un chat d’assistance que vous hébergez.',
    usage: 'Utilisation',
    commands: 'Commandes',
    flags: 'Options',
    environment: 'Chaque option peut aussi venir de sa variable. Par variable seulement',
    secrets: 'un jeton pour l’automatisation ; les clés qui signent les jetons. Chacun d’au moins 32 caractères.',
    default: 'par défaut',
    more: 'guichet COMMANDE --help en dit plus sur une commande.',
    exit: 'Code de sortie : 0 fait, 1 échec ou refus, 2 mauvaise utilisation.',
    noCommand: 'Dites quelle commande : guichet --help donne la liste, guichet serve démarre le serveur.',
  },
  failure: {
    portInUse: (port) =>
      `Le port ${port} est occupé. Arrêtez l’autre programme ou choisissez un autre port avec --port.`,
    portForbidden: (port) => `Le port ${port} demande plus de droits. Choisissez-en un au-dessus de 1023 avec --port.`,
    badHost: (host) => `Cette machine n’a pas d’adresse « ${host} ». Choisissez-en une autre avec --host.`,
    internal: (what) => `Quelque chose s’est mal passé : ${what}`,
  },
  password: {
    ask: 'Mot de passe :',
    again: 'Encore une fois :',
    differ: 'Les deux mots de passe diffèrent. Rien n’a changé ; relancez la commande.',
  },
  agentAdded: (name, email, role) => `${name} <${email}> est ajouté comme ${role}.`,
  imported: {
    label: 'Reprise',
    found: (conversations, messages) =>
      `Lu : ${count(conversations, 'conversation')} et ${count(messages, 'message')}.`,
    added: (records) => `Ajouté : ${count(records, 'entrée')}.`,
    known: (entries) => `Déjà là : ${count(entries, 'entrée')}.`,
    unreadable: (places) => `Tout n’a pas pu être lu ; ce qui suit n’a pas été repris (${count(places, 'endroit')}) :`,
  },
  copied: {
    copying: 'Copie',
    comparing: 'Comparaison',
    done: (report) =>
      `Copié : ${count(report.added, 'changement')} ; tout est comparé : ${count(report.conversations, 'conversation')}, ` +
      `${count(report.messages, 'message')}, ${count(report.entries, 'entrée')} d’annuaire, position ${report.position}. ` +
      'Les deux stockages contiennent la même chose.',
    secrets: (path, to) =>
      `Les clés ne sont pas copiées : mettez aussi ${path} dans ${to}, sinon les visiteurs ne retrouvent pas leurs conversations.`,
    chain: (names) =>
      `Ce journal était gardé par plusieurs stockages. Pour démarrer sur la copie seule, abandonnez-les : --leave-behind ${names}`,
  },
  backedUp: (dir, { position, counts }) =>
    `${dir} est écrit et relu : ${count(counts.conversations, 'conversation')}, ` +
    `${count(counts.messages, 'message')}, position ${position}.`,
  restored: {
    label: 'Restauration',
    would: ({ position, time, conversations, messages }) =>
      `Ce qui reviendrait : la position ${position} du ${new Date(time).toISOString()}, ` +
      `${count(conversations, 'conversation')}, ${count(messages, 'message')}. Rien n’a changé.`,
    newest: 'Les conversations modifiées en dernier :',
    conversation: (c) =>
      `${c.updatedAt}  ${c.id}  ${count(c.messages, 'message')}${c.subject === null ? '' : `  ${c.subject}`}`,
    done: (report) =>
      `Restauré et comparé : ${count(report.conversations, 'conversation')}, ${count(report.messages, 'message')}, ` +
      `position ${report.position}. C’est un autre passé du journal : chaque client recommence et les agents se reconnectent.`,
    erased: (visitors) => `Effacé aussi ici : ${count(visitors, 'visiteur')} dont ce passé ignorait l’effacement.`,
  },
  drilled: {
    begin: (dir) => `Un serveur privé sur des stockages d’essai dans ${dir} ; 8 personnes y écrivent sans arrêt.`,
    doing: {
      kill: 'kill -9, trois fois, et redémarré',
      lost: 'le premier de deux stockages supprimé sous le serveur',
      damage: 'un bit inversé dans un message confirmé',
      full: 'le disque rempli, puis libéré',
    },
    step: ({ acknowledged, pauseMs }) =>
      `  ${count(acknowledged, 'message')} confirmés, chacun là une fois et dans l’ordre. Plus longue attente : ${(pauseMs / 1000).toFixed(1).replace('.', ',')} s.`,
    found: (what) => `  Nommé, et le démarrage refusé : ${what} L’autre stockage a tout rendu.`,
    unsaved: (messages) =>
      `  Entre-temps, ${count(messages, 'message')} sont passés par la mémoire, marqués « pas encore enregistré », puis enregistrés dès qu’il y eut de la place.`,
    limited: '  (Aucun disque ne peut être monté ici : une limite de taille des fichiers a tenu lieu de disque plein.)',
    skipped: '  omis : ce système n’offre ni petit disque ni limite de taille des fichiers.',
    wrong: 'FAUX',
    well: (seconds) => `Rien n’a été perdu, doublé ni déplacé, en ${seconds} secondes.`,
    ill: 'Quelque chose ne va pas : voir ci-dessus. Merci de le signaler avec ce texte.',
  },
  repaired: {
    sound: 'Rien ne va mal ici ; rien n’a changé.',
    whole: (position) => `Tout est encore là, jusqu’à la position ${position}.`,
    lost: (changes, placeholders) =>
      `${count(changes, 'changement')} introuvable${changes < 2 ? '' : 's'} ; une phrase remplace ${count(placeholders, 'message')}.`,
    base: (position, from) => `Complet jusqu’à la position ${position} : ${from}.`,
    would: 'Rien n’a changé.',
    done: (kept) => `Le stockage est de nouveau complet et a été comparé. Ce qui était là est gardé dans ${kept}.`,
    written: (to) => `Écrit dans ${to} et comparé ; ce qui était là n’a pas changé. Démarrez avec le nouveau stockage.`,
    rewound: 'C’est un autre passé du journal : chaque client recommence et les agents se reconnectent.',
  },
  erased: {
    would: (e) =>
      `Ce serait ${count(e.conversations, 'conversation')} et ${count(e.messages, 'message')} avec un contenu. Rien n’a été changé.`,
    done: (e) =>
      `Effacé, avec ${count(e.messages, 'message')} dans ${count(e.conversations, 'conversation')}. Identifiants, places et heures restent.`,
    purged: 'Il n’en reste rien dans le journal ni dans les instantanés.',
    agesOut:
      'Le journal dit encore comment c’est venu, jusqu’à ce que deux instantanés de plus soient écrits ; --purge l’en ôte tout de suite.',
    rewriting: (backups) => `À récrire sans cela : ${count(backups, 'sauvegarde')}.`,
    rewritten: (name, to) => `  ${name} : récrite sous le nom ${to}, relue et comparée ; l’ancienne n’est plus là.`,
    holding: (backups) => `Contiennent encore cela : ${count(backups, 'sauvegarde')} (--purge les récrit sans) :`,
    until: (name, day) => `  ${name}, jusque vers le ${day}`,
    unreadable: (name, why) => `  ${name} ne peut pas être lue et le contient peut-être : ${why}`,
    others:
      'Ceci n’est pas une sauvegarde quotidienne et n’a pas été examiné ; regardez vous-même et supprimez ce qui le contient :',
    elsewhere: 'Les sauvegardes copiées ailleurs sont à chercher par vous.',
  },
  exported: (conversations, messages, dir) =>
    `Écrit : ${count(conversations, 'conversation')} et ${count(messages, 'message')} dans ${dir}.`,
  checked: {
    byte: 'octet',
    info: 'note',
    warn: 'avertissement',
    error: 'ERREUR',
    counts: (held) =>
      `${count(held.conversations, 'conversation')}, ${count(held.messages, 'message')}, ` +
      `${count(held.entries, 'entrée')} d’annuaire, position ${held.position} ; ` +
      `${count(held.snapshots, 'instantané')}, ${count(held.segments, 'segment')} de journal`,
    sound: 'Tout a été lu et tout est sain.',
    wrong: 'Quelque chose ne va pas : voir ci-dessus. Rien n’a été modifié.',
  },
};
