export type SnoozeName = 'hour' | 'evening' | 'tomorrow' | 'week';

const EVENING = 18;
const MORNING = 9;
const MONDAY = 1;

/** The moments a conversation may be snoozed until, in the agent's own day; those too near are left out. */
export const snoozeTimes = (now: Date): { name: SnoozeName; until: string }[] => {
  const at = (days: number, hour: number): string =>
    new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour).toISOString();
  const daysToMonday = (MONDAY - now.getDay() + 7) % 7 || 7;
  return [
    { name: 'hour', until: new Date(now.getTime() + 3_600_000).toISOString() },
    ...(now.getHours() < EVENING - 1 ? [{ name: 'evening' as const, until: at(0, EVENING) }] : []),
    { name: 'tomorrow', until: at(1, MORNING) },
    ...(daysToMonday > 1 ? [{ name: 'week' as const, until: at(daysToMonday, MORNING) }] : []),
  ];
};
