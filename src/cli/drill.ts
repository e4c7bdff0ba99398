import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FlagTable, readFlags } from '../config/flags.ts';
import { type Command, EXIT } from './command.ts';
import { type DrillStep, survivesDamage, survivesFullDisk, survivesKill, survivesLostTier } from './drill/steps.ts';
import type { Messages } from './messages/messages.ts';

const FLAGS = { json: {} } as const satisfies FlagTable;

/** `guichet drill`: what the docs promise, done before the owner's eyes, with nothing of theirs at stake. */
export const drill: Command = {
  flags: FLAGS,
  required: [],
  async run(args, { env, text, stdout }) {
    const given = readFlags(FLAGS, args, env);
    const say = (line: string): void => {
      if (!given.json) stdout.write(`${line}\n`);
    };
    const began = performance.now();
    const scratch = await mkdtemp(join(tmpdir(), 'guichet-drill-'));
    try {
      say(text.drilled.begin(scratch));
      const steps: DrillStep[] = [];
      for (const [name, run] of Object.entries(await stepsIn(scratch)) as [DrillStep['step'], Run][]) {
        say(`${text.drilled.doing[name]} ...`);
        const step = await run();
        say(step === undefined ? text.drilled.skipped : told(step, text));
        if (step !== undefined) steps.push(step);
      }
      const ok = steps.every(({ wrong }) => wrong.length === 0);
      const seconds = Math.round((performance.now() - began) / 1000);
      say(ok ? text.drilled.well(seconds) : text.drilled.ill);
      if (given.json) stdout.write(`${JSON.stringify({ ok, seconds, steps }, null, 2)}\n`);
      return ok ? EXIT.done : EXIT.failed;
    } finally {
      await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
    }
  },
};

type Run = () => Promise<DrillStep | undefined>;

const stepsIn = async (scratch: string): Promise<Record<DrillStep['step'], Run>> => {
  const pair = { first: join(scratch, 'first'), second: join(scratch, 'second') };
  const small = join(scratch, 'small-disk');
  await mkdir(small);
  return {
    kill: () => survivesKill(pair),
    lost: () => survivesLostTier(pair),
    damage: () => survivesDamage(pair),
    full: () => survivesFullDisk(small),
  };
};

const told = (step: DrillStep, { drilled }: Messages): string => {
  if (step.wrong.length > 0) return step.wrong.map((sentence) => `  ${drilled.wrong}: ${sentence}`).join('\n');
  const lines = [drilled.step(step)];
  if (step.found !== undefined) lines.push(drilled.found(step.found));
  if (step.unsaved !== undefined) lines.push(drilled.unsaved(step.unsaved));
  if (step.kind === 'limit') lines.push(drilled.limited);
  return lines.join('\n');
};
