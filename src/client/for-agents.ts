/**
 * Whether what only agents use is built in: notes, events, redaction, search, terms of a reply, cookies. The build of
 * the widget says no in this place, and everything behind it is left out of the file that other people's pages carry.
 */
export const forAgents: boolean = true;
